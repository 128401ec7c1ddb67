"""What was planted in the sample is what the run finds: every delivery's counts and every KPI cell, by name."""

import json
from decimal import Decimal
from typing import Any

import pytest

from pipeline.warehouse import read_published
from tests.pipeline.conftest import Company

COUNTS = ("rows_read", "rows_clean", "rows_quarantined", "rows_duplicate", "rows_superseded", "rows_replaced")


@pytest.fixture(scope="module")
def truth(company: Company) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((company.folder / "truth.json").read_text())
    return found


def test_every_delivery_ended_as_it_was_planted(company: Company, truth: dict[str, Any]) -> None:
    rows = _published(company, f"select source, file, entity, {', '.join(COUNTS)} from ops.ops.loads")
    found = {(f"{source}/{file.split('.')[0]}", entity): counts for source, file, entity, *counts in rows}
    promised = {(one["file"], one["entity"]): _loaded_at_once(one) for one in truth["deliveries"]}
    assert found == promised
    assert all(sum(one[at] for one in promised.values()) for at in range(COUNTS.index("rows_replaced")))


def test_every_kpi_cell_equals_the_planted_one(company: Company, truth: dict[str, Any]) -> None:
    rows = _published(
        company,
        "select kpi_id, period, numerator, denominator, value from kpis.kpi_values"
        " where dimension = 'all' and grain in ('month', 'all')",
    )
    found = {(kpi, period): cell for kpi, period, *cell in rows if kpi in truth["kpis"]}
    promised = {
        (kpi, period): [_exact(cell["numerator"]), _exact(cell["denominator"]), _near(cell["value"])]
        for kpi, said in truth["kpis"].items()
        for period, cell in {"all": said["all"], **said["months"]}.items()
    }
    assert found == promised
    assert all(promised[kpi, "all"][0] for kpi in truth["kpis"])


def test_every_critical_rule_that_rows_fail_is_told_and_only_that(company: Company, truth: dict[str, Any]) -> None:
    failed = _published(
        company,
        "select distinct source || '/' || split_part(file, '.', 1), entity from ops.ops.loads"
        " inner join ops.ops.check_results using (load_id, source, export, entity) where severity = 'critical' and not is_success",
    )
    entities = {one["file"]: one["entity"] for one in truth["deliveries"]}
    folders = {file.split("/")[1]: file for file in entities}
    planted = {folders[one["file"]] for one in truth["planted"] if one["is_critical"]}
    assert planted
    assert set(failed) == {(file, entities[file]) for file in planted}


def _loaded_at_once(delivery: dict[str, Any]) -> list[int]:
    """The counts when all deliveries come in one run: rows a later one replaces are superseded already."""
    later = delivery["rows_replaced_later"]
    changed = delivery | {
        "rows_clean": delivery["rows_clean"] - later,
        "rows_superseded": delivery["rows_superseded"] + later,
        "rows_replaced": 0,
    }
    return [changed[name] for name in COUNTS]


def _exact(number: str | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _near(value: float | None) -> Any:
    """Equal to the value but for the last digits of a division."""
    return None if value is None else pytest.approx(value, rel=1e-12)


def _published(company: Company, sql: str) -> list[tuple[Any, ...]]:
    connection = read_published(company.published)
    rows = connection.execute(sql).fetchall()
    connection.close()
    return rows
