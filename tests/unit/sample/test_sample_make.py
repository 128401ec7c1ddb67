"""Making it: the same bytes for the same arguments, files in their dialects, and errors that say what to do."""

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipeline.errors import UserError
from pipeline.sample import SampleResult, make_sample
from tests.unit.sample.conftest import END, Loaded

Make = Callable[..., SampleResult]


def _digests(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_on_any_number_of_threads(tmp_path: Path) -> None:
    for threads in (1, 3):
        with duckdb.connect() as connection:
            connection.execute(f"set threads = {threads}")
            make_sample(tmp_path / str(threads), days=100, scale=0.2, seed=5, connection=connection, end=END)
    first, second = (_digests(tmp_path / name) for name in ("1", "3"))
    assert first == second
    assert any(name.endswith(".csv.gz") for name in first)


def test_another_seed_gives_other_rows(tmp_path: Path, make_small: Make) -> None:
    one, two = (_digests(make_small(tmp_path / str(seed), seed=seed).directory) for seed in (1, 2))
    same = {name for name in one if name.startswith("exports") and one[name] == two[name]}
    assert one.keys() == two.keys()
    assert same <= {
        "exports/crm/users.csv",
        "exports/finance/products.csv",
        "exports/planning/notes.csv",
        "exports/planning/actions.csv",
    }


def test_draws_stay_what_they_are_in_every_version_of_duckdb() -> None:
    sql = (Path(__file__).parents[3] / "pipeline/sample/sql/calendar.sql").read_text().split("create macro utc")[0]
    with duckdb.connect() as connection:
        connection.execute("set variable seed = 1")
        connection.execute(sql)
        assert connection.execute("select list(draw(4, id, 1000000)) from range(4) as ids (id)").fetchall() == [
            ([792269, 589261, 474791, 864393],)
        ]


def test_scale_doubles_the_rows(tmp_path: Path, make_small: Make) -> None:
    one, two = (make_small(tmp_path / str(scale), scale=scale).rows for scale in (0.5, 1.0))
    for entity in (
        "analytics.sessions",
        "analytics.events",
        "finance.orders",
        "finance.order_lines",
        "crm.opportunities",
    ):
        assert two[entity] / one[entity] == pytest.approx(2, rel=0.15), entity


def test_files_are_in_the_dialects_their_connectors_tell(loaded: Loaded) -> None:
    exports = loaded.directory / "exports"
    assert (exports / "finance/orders_2026-10.csv").read_bytes().count(b"\r\n") > 100
    assert (exports / "finance/refunds.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    products = (exports / "finance/products.csv").read_bytes()
    assert "Café mug;Kitchen;12,90".encode("cp1252") in products
    assert b'"Tavo notebook; ruled"' in products
    zipped = gzip.decompress((exports / "analytics/sessions_2026-07.csv.gz").read_bytes())
    assert zipped.startswith(b"session_key,client_id")
    leads = (exports / "crm/leads.csv").read_bytes()
    assert leads.startswith(b"\xff\xfe")
    assert leads.decode("utf-16").startswith("Lead ID\tFull Name\tEmail")
    assert "01.10.2026;Paid Search;searchhound;" in (exports / "marketing/spend_2026-Q4.csv").read_text("utf-8-sig")
    assert "节假日" in (exports / "planning/calendar.csv").read_bytes().decode("gb18030")
    tickets = gzip.decompress((exports / "feedback/tickets.ndjson.gz").read_bytes()).splitlines()
    assert isinstance(json.loads(tickets[0])["requester"], dict)
    posts = (exports / "social/posts.ndjson").read_text().splitlines()
    assert isinstance(json.loads(posts[0])["metrics"]["reach"], int)
    assert not list(exports.rglob("*.part"))


def test_the_connection_is_left_as_it_was_found(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        seen = """
            select current_schema(), (select count(*) from duckdb_tables()),
                (select count(*) from duckdb_schemas() where not internal), getvariable('seed')
        """
        before = connection.execute(seen).fetchall()
        make_sample(tmp_path, days=20, scale=0.1, seed=1, connection=connection, end=END)
        assert connection.execute(seen).fetchall() == before


def test_a_second_sample_takes_the_place_of_the_first(tmp_path: Path, make_small: Make) -> None:
    make_small(tmp_path, days=40, scale=0.1)
    make_small(tmp_path, days=20, scale=0.1)
    assert sorted(path.name for path in (tmp_path / "exports/analytics").iterdir()) == [
        "channel_daily.csv.gz",
        "events_2026-10.csv",
        "sessions_2026-10.csv",
    ]


def test_files_of_others_are_not_touched(tmp_path: Path, make_small: Make) -> None:
    (tmp_path / "exports").mkdir()
    with pytest.raises(UserError, match="no sample"):
        make_small(tmp_path)


@pytest.mark.parametrize("wrong", [{"days": 3}, {"scale": 0.0}, {"seed": -1}])
def test_arguments_out_of_range_are_refused_by_name(tmp_path: Path, make_small: Make, wrong: dict[str, object]) -> None:
    with pytest.raises(UserError, match=f"--{next(iter(wrong))}"):
        make_small(tmp_path, **wrong)
    assert list(tmp_path.iterdir()) == []
