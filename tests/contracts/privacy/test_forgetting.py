"""A person is gone from wherever exports come, however often they are delivered again and wherever `forget` was killed."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.operate.privacy import expire
from pipeline.operate.quarantine import Choice
from pipeline.operate.replay import replay
from pipeline.privacy.retention import Stamp
from pipeline.settings import load_settings
from pipeline.warehouse import memory_database
from tests import mortal
from tests.contracts.privacy.everywhere import (
    EXPORTS,
    KEY,
    KEYS,
    MADE,
    MAIL,
    OTHER,
    Everywhere,
    everywhere,
    forget,
    opened,
    run,
)
from tests.mortal import KILLED, Point

COMMANDS = "pipeline.operate.privacy_commands"
DEATHS = [
    Point(f"{COMMANDS}:write_forgotten", "after"),
    Point(f"{COMMANDS}:note_forgotten", "after"),
    Point(f"{COMMANDS}:keep_people_out", "before", 3),
]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everywhere]:
    """A company that has one delivery in every way, landed and loaded in `data`."""
    folder = tmp_path_factory.mktemp("everywhere")
    os.environ |= {f"PEOPLE_{name.upper()}": value for name, value in KEYS.items()}
    with everywhere(folder) as made:
        made.deliver(1)
        run(folder, folder / "data")
        yield made
    for name in KEYS:
        del os.environ[f"PEOPLE_{name.upper()}"]


@pytest.fixture
def data(company: Everywhere, tmp_path: Path) -> Path:
    """What the first run left, to be spoilt; something that was fetched and half landed lies about in it."""
    data = tmp_path / "data"
    shutil.copytree(company.folder / "data", data)
    for part in ("web/endpoint/.fetching/1234", "files/text/.unfinished-scratch-5678"):
        (data / "landing" / part).mkdir(parents=True)
        (data / "landing" / part / "page-00001.body").write_text(f'[{{"customer": "{KEY}"}}]')
    return data


def found(data: Path, *values: str) -> set[str]:
    """Where any of the values stands: landed columns, files of landing, columns of clean tables and quarantine."""
    places = set()
    with memory_database() as connection:
        connection.execute(f"attach '{data}/warehouse.duckdb' as warehouse (read_only)")
        tables = [f"warehouse.clean.{entity.replace('.', '__')}" for entity, _ in EXPORTS.values()]
        tables += [
            "warehouse.quarantine.rows",
            *(f"read_parquet('{one}')" for one in data.glob("landing/*/*/*/*.parquet")),
        ]
        for table in tables:
            for name, *_ in connection.execute(f"describe select * from {table}").fetchall():
                held = " or ".join(f"""contains(lower(cast("{name}" as varchar)), '{value}')""" for value in values)
                if name != "_row_id" and connection.execute(f"select 1 from {table} where {held} limit 1").fetchone():
                    places.add(f"{table.removeprefix('warehouse.')}.{name}")
    files = [path for path in data.rglob("*") if path.is_file() and path.suffix not in (".parquet", ".duckdb")]
    return places | {path.name for path in files if any(one.encode() in path.read_bytes() for one in values)}


def counts(data: Path) -> list[int]:
    """Rows of each entity, and how many customers they are of."""
    with memory_database() as connection:
        connection.execute(f"attach '{data}/warehouse.duckdb' as warehouse (read_only)")
        return [
            number
            for entity, _ in EXPORTS.values()
            for number in connection.execute(
                f"select count(*), count(distinct customer_id) from warehouse.clean.{entity.replace('.', '__')}"
            ).fetchall()[0]
        ]


def test_a_person_is_gone_from_every_kind_of_export_and_stays_so(company: Everywhere, data: Path) -> None:
    folder, before = company.folder, found(data, OTHER)
    assert {one.split(".")[0] for one in found(data, MADE)} >= {"clean", "page-00001"}
    assert len(list(data.glob("landing/bucket/objects/.fetching/*"))) == 1
    forget(str(folder), str(data))
    assert (found(data, MADE, MAIL), found(data, OTHER), counts(data)) == (set(), before, [2, 2] * 4)
    company.deliver(3)
    run(folder, data)
    replay(load_settings(sources=folder / "sources.yml", data_dir=data, as_of="2031-04-01"), Choice())
    assert (found(data, MADE, MAIL), counts(data)) == (set(), [4, 2] * 4)


@pytest.mark.parametrize("death", DEATHS, ids=lambda one: one.function)
def test_killed_anywhere_it_is_completed_by_doing_it_again(company: Everywhere, data: Path, death: Point) -> None:
    folder = company.folder
    assert mortal.run(forget, str(folder), str(data), die_at=death).code == KILLED
    run(folder, data)
    landed = {one for one in found(data, MADE, MAIL) if not one.startswith("clean.")}
    assert landed == set(), "the next run lets nobody come back"
    forget(str(folder), str(data))
    assert found(data, MADE, MAIL) == set()


def test_what_was_fetched_and_not_landed_is_kept_no_longer_than_what_was(company: Everywhere, data: Path) -> None:
    at = datetime.now(UTC).replace(tzinfo=None)
    with opened(company.folder, data, landing_retention_days=30) as session:
        connection = session.warehouse().connection
        for days, left in ((29, 3), (31, 0)):
            expire(session.project, connection, Stamp(at + timedelta(days=days), "run"))
            lying = [*data.glob("landing/*/*/.fetching/*"), *data.glob("landing/*/*/.unfinished-*")]
            assert len(lying) == left


def test_a_delivery_that_was_refused_or_withdrawn_is_kept_no_longer_than_others(
    company: Everywhere, data: Path
) -> None:
    at, folders = (
        datetime.now(UTC).replace(tzinfo=None),
        [one.parent for one in data.glob("landing/*/*/*/rows.parquet")],
    )
    with opened(company.folder, data, landing_retention_days=30) as session:
        connection = session.warehouse().connection
        connection.execute("update ops.loads set status = 'refused', recipe = null where export = 'text'")
        connection.execute("update ops.loads set status = 'withdrawn', recipe = null where export = 'workbook'")
        for days in (29, 31):
            expire(session.project, connection, Stamp(at + timedelta(days=days), "run"))
            assert [(one / "rows.parquet").exists() for one in folders] == [days == 29] * 4
    run(company.folder, data)
    # Their files are still there and known, and what was made of them stands
    assert [(one / "rows.parquet").exists() for one in folders if one.parts[-3] == "files"] == [False] * 2
    assert min(counts(data)) >= 2
