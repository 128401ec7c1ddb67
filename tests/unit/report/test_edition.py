"""Editions on disk: drafts that follow the data, editions that never change, and nothing half written."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.periods import parse_period
from pipeline.report import edition as editions
from pipeline.report.document import identity
from pipeline.report.summary import SummaryResult, make_summary

FIRST, LATER = date(2026, 11, 5), date(2026, 11, 9)


def make(
    shop: duckdb.DuckDBPyConnection, reports: Path, day: date = FIRST, run: str = "run-1", label: str = "2026-10"
) -> SummaryResult:
    return make_summary(shop, parse_period(label), reports, ["en"], run, day)


def tree(reports: Path) -> dict[str, bytes]:
    return {str(path.relative_to(reports)): path.read_bytes() for path in sorted(reports.rglob("*")) if path.is_file()}


def restate_orders(shop: duckdb.DuckDBPyConnection) -> None:
    for table in ("kpi_values", "kpi_scorecard"):
        shop.execute(
            f"update kpis.{table} set value = 600, numerator = 600 "
            "where kpi_id = 'orders' and grain = 'month' and period = '2026-10' and dimension = 'all'"
        )


@pytest.fixture(autouse=True)
def plain_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Editions are about files; the wording has its own tests."""
    monkeypatch.setattr(
        editions, "render", lambda document, language: {"summary.md": f"{language} {document['edition']}"}
    )


def test_the_first_edition_and_its_files(shop: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    result = make(shop, tmp_path)
    assert (result.edition, result.is_final, result.is_new) == (1, True, True)
    assert list(tree(tmp_path)) == ["month/2026-10/1/en/summary.md", "month/2026-10/1/facts.json"]
    assert shop.execute("select edition, changed_facts from report.editions").fetchall() == [(1, "[]")]


def test_running_again_writes_nothing(shop: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    make(shop, tmp_path)
    before = tree(tmp_path)
    again = make(shop, tmp_path, LATER, "run-2")
    assert (again.edition, again.is_new, again.path) == (1, False, tmp_path / "month" / "2026-10" / "1")
    assert tree(tmp_path) == before
    assert shop.execute("select count(*) from report.editions").fetchall() == [(1,)]


def test_a_restated_number_makes_the_next_edition_and_is_named(shop: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    make(shop, tmp_path)
    first = tree(tmp_path)
    restate_orders(shop)
    result = make(shop, tmp_path, LATER)
    assert (result.edition, result.is_new) == (2, True)
    assert {name: content for name, content in tree(tmp_path).items() if "/1/" in name} == first
    edition = json.loads((result.path / "facts.json").read_text())["edition"]
    named = {change["fact_id"]: (change["old"]["value"], change["new"]["value"]) for change in edition["restated"]}
    assert named["metrics/orders/month/2026-10/all/all/value"] == (557, 600)
    assert named["history/orders/month/2026-10/all/all/value"] == (557, 600)
    assert edition["earlier"] == [{"number": 1, "made_at": "2026-11-05", "restated": 0}]


def test_a_new_definition_is_told_apart_from_new_data(shop: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    make(shop, tmp_path)
    shop.execute("update kpis.kpi_catalog set definition_version = 2 where kpi_id = 'orders'")
    restated = json.loads((make(shop, tmp_path, LATER).path / "facts.json").read_text())["edition"]["restated"]
    assert {change["because"] for change in restated} == {"definition"}
    assert {change["kpi_id"] for change in restated} == {"orders"}


@pytest.mark.parametrize(
    "change",
    [
        "update ops.loads set load_id = load_id || '-b'",
        "update ops.corrections set cells = cells + 1",
        "update ops.company set as_of = as_of + 30",
        "update kpis.kpi_scorecard set value = value * (1 + 1e-15) where kpi_id = 'net_revenue'",
        "update ops.source_status set covered_to = covered_to + 9 where source = 'shop'",
    ],
)
def test_what_is_no_fact_of_the_period_makes_no_edition(
    shop: duckdb.DuckDBPyConnection, tmp_path: Path, change: str
) -> None:
    make(shop, tmp_path)
    shop.execute(change)
    assert make(shop, tmp_path, LATER).is_new is False


@pytest.mark.parametrize(
    "change",
    [
        "update kpis.kpi_scorecard set numerator = numerator + 1 where kpi_id = 'session_conversion_rate'",
        "update kpis.kpi_scorecard set source_status = 'stale' where kpi_id = 'orders'",
        "update marts.dim_notes set text = 'Otherwise.' where note_id = 'N-1'",
        "update kpis.kpi_catalog set unit = 'days' where kpi_id = 'orders'",
        "delete from marts.dim_actions where action_id = 'A-17'",
    ],
)
def test_what_the_summary_says_makes_the_next(shop: duckdb.DuckDBPyConnection, tmp_path: Path, change: str) -> None:
    make(shop, tmp_path)
    shop.execute(change)
    assert make(shop, tmp_path, LATER).edition == 2


def test_a_draft_follows_the_data_and_gives_way_to_the_edition(shop: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    shop.execute("update ops.company set as_of = date '2026-11-02'")
    first = make(shop, tmp_path)
    assert (first.edition, first.is_final, first.path.name, first.is_new) == (None, False, "draft", True)
    before = tree(tmp_path)
    assert make(shop, tmp_path, LATER, "run-2").is_new is False
    assert tree(tmp_path) == before
    restate_orders(shop)
    assert make(shop, tmp_path, LATER).is_new is True
    assert tree(tmp_path) != before
    shop.execute("update ops.company set as_of = date '2026-11-03'")
    assert make(shop, tmp_path, LATER).edition == 1
    assert not (first.path).exists()


def test_an_interrupted_run_leaves_no_half_edition(
    shop: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(shop, tmp_path)
    before = tree(tmp_path)
    restate_orders(shop)

    def fail(document: dict[str, Any], language: str) -> dict[str, str]:
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(editions, "render", fail)
        with pytest.raises(RuntimeError):
            make(shop, tmp_path, LATER)
    visible = {name: content for name, content in tree(tmp_path).items() if "/." not in name}
    assert visible == before
    assert make(shop, tmp_path, LATER).edition == 2
    assert not [name for name in tree(tmp_path) if "/." in name]


def test_another_language_is_added_to_an_edition_as_it_stands(shop: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    make(shop, tmp_path)
    before = tree(tmp_path)
    result = make_summary(shop, parse_period("2026-10"), tmp_path, ["en", "zh"], "run-2", LATER)
    added = tree(tmp_path)
    assert result.is_new is False
    assert {name: added[name] for name in before} == before
    assert added.keys() - before.keys() == {"month/2026-10/1/zh/summary.md"}
    assert b"'made_at': '2026-11-05'" in added["month/2026-10/1/zh/summary.md"]


def test_the_identity_hears_every_fact_and_no_order(october: dict[str, Any]) -> None:
    facts = october["facts"]
    assert identity(reversed(facts)) == identity(facts)
    left_out = next(fact for fact in facts if fact["section"] == "trend")
    assert identity([fact for fact in facts if fact is not left_out]) != identity(facts)


def test_numbers_of_the_edition_count_on_from_the_newest(shop: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    make(shop, tmp_path)
    (tmp_path / "month" / "2026-10" / "1").rename(tmp_path / "month" / "2026-10" / "10")
    restate_orders(shop)
    assert make(shop, tmp_path, LATER).edition == 11
