"""`quarantine replay`: what a correction lets in moves at once, once, and just as a load from nothing has it."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.contracts import load_contracts
from pipeline.operate.commands import session_by_hand
from pipeline.operate.loading import load_entity
from pipeline.operate.quarantine import SHOWN, Choice, quarantine_list, quarantined_rows
from pipeline.operate.replay import Replayed, replay
from pipeline.settings import EXPECTATIONS, Settings, load_settings
from pipeline.warehouse import open_warehouse
from tests.pipeline.conftest import Company, forked

ENTITY, RULE = "analytics.events", "required:event_name"
AS_DELIVERED, CORRECTED, WRONG = "event_name: event", "event_name: coalesce(event, 'other')", "event_name: evnt"
EVENTS = Choice(ENTITY)
STATE = {
    "clean": "select * from clean.analytics__events order by all",
    "quarantine": "select * from quarantine.rows order by all",
    "loads": "select * from ops.loads order by all",
    "days": "select * from ops.changed_days order by all",
}


@pytest.fixture(scope="module")
def copy(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    return company.copied_to(tmp_path_factory.mktemp("replay"))


def settings(company: Company, **others: Path) -> Settings:
    return load_settings(**({"sources": company.sources, "data_dir": company.data} | others))


def state(company: Company, *names: str) -> dict[str, list[tuple[Any, ...]]]:
    warehouse = open_warehouse(company.data / "warehouse.duckdb", load_contracts(EXPECTATIONS))
    found = {name: warehouse.connection.execute(STATE[name]).fetchall() for name in names or STATE}
    warehouse.close()
    return found


def map_event_name(company: Company, to: str) -> None:
    path = company.folder / "connectors" / "analytics.yml"
    before = path.read_text()
    said = next(text for text in (AS_DELIVERED + "\n", CORRECTED + "\n", WRONG + "\n") if text in before)
    path.write_text(before.replace(said, to + "\n"))


def planted(company: Company, kind: str) -> int:
    truth = json.loads((company.folder / "truth.json").read_text())
    return sum(one["rows"] for one in truth["planted"] if (one["export"], one["kind"]) == ("events", kind))


def of_files(done: Replayed) -> list[str]:
    return [line for line in done.lines if line.startswith(f"{ENTITY}  ")]


def test_what_a_correction_lets_in_moves_at_once_and_only_once(copy: Company) -> None:
    before = len(state(copy, "clean")["clean"])
    missing = planted(copy, "event_name_missing")
    assert missing > 1
    map_event_name(copy, CORRECTED)
    done = replay(settings(copy), Choice(ENTITY, RULE))
    assert done.exit_code == 0
    assert f"{missing} rows moved out of quarantine, 0 stay; 0 refused deliveries loaded, 0 refused" in done.lines
    assert "ops-summary run" in done.lines[-1]
    assert all("rows moved, 0 stay in quarantine" in line for line in of_files(done))
    after = state(copy)
    assert len(after["clean"]) == before + missing
    again = replay(settings(copy), EVENTS)
    assert again.exit_code == 0
    assert again.lines[-1].startswith("0 rows moved out of quarantine")
    assert state(copy) == after


def test_a_replay_leaves_the_rows_of_a_load_from_nothing(copy: Company, tmp_path: Path) -> None:
    """A run loads by the same function, so this is what it leaves too."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "landing").symlink_to(copy.data / "landing")
    if (copy.data / "pseudonym.key").exists():
        (tmp_path / "data" / "pseudonym.key").write_bytes((copy.data / "pseudonym.key").read_bytes())
    with session_by_hand(settings(copy, data_dir=tmp_path / "data")) as session:
        load_entity(session, session.project.contracts[ENTITY], session.project.feeds_of(ENTITY), {})
        rows = session.warehouse().connection.execute(STATE["clean"]).fetchall()
        kept_out = session.warehouse().connection.execute(STATE["quarantine"]).fetchall()
    found = state(copy, "clean", "quarantine")
    assert rows == found["clean"]
    assert kept_out == [row for row in found["quarantine"] if row[3] == ENTITY]


def test_deliveries_refused_as_a_whole_are_tried_again(copy: Company) -> None:
    good = state(copy, "clean")
    map_event_name(copy, WRONG)
    refused = replay(settings(copy), EVENTS)
    assert refused.exit_code == 3
    assert all("is refused now" in line and "evnt" in line for line in of_files(refused) if " moved, " not in line)
    assert state(copy, "clean") == good
    still = replay(settings(copy), EVENTS)
    assert still.exit_code == 3
    assert of_files(still)
    assert all("stays refused" in line for line in of_files(still))
    map_event_name(copy, CORRECTED)
    loaded = replay(settings(copy), EVENTS)
    assert loaded.exit_code == 0
    assert all("loaded now" in line for line in of_files(loaded))
    assert state(copy, "clean") == good


def test_a_choice_that_means_nothing_says_so(copy: Company) -> None:
    assert replay(settings(copy), Choice(rule="no_such_rule")) == Replayed(
        ["nothing to replay: no row in quarantine and no refused delivery is meant"], 0
    )
    done = forked("quarantine", "replay", "--entity", "analytics.event", "--sources", str(copy.sources))
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "no such entity" in done.stderr


def test_quarantine_is_looked_into_by_entity_and_kind_of_rule(company: Company, tmp_path: Path) -> None:
    company, required = company.copied_to(tmp_path), Choice(ENTITY, "required")
    listed = quarantine_list(settings(company), required)
    assert {line.split(" rows by ")[1] for line in listed.splitlines() if " rows by " in line} == {RULE}
    shown = quarantined_rows(settings(company), None, required)
    assert shown.count(f"rule {RULE}") == min(planted(company, "event_name_missing"), SHOWN)
    assert quarantine_list(settings(company), Choice(rule="no_such_rule")) == "no row is in quarantine"
