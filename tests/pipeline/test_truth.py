"""What was planted in the sample is what the run finds: every delivery's counts and every cell of every KPI, by name."""

import json
import math
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from pipeline.warehouse import read_published
from tests.pipeline.conftest import Company
from tests.pipeline.own_kpi import META
from tests.unit.sample.sums import SUMS, query

# (export, kind of dirt) → (entity, rule) of the correction that repairs it
CORRECTED = {
    ("leads", "dates_swapped"): ("crm.leads", "swap:created_at"),
    ("spend", "clicks_over_impressions"): ("marketing.spend_daily", "clear:clicks"),
    ("posts", "fewer_impressions_than_reach"): ("social.posts", "clear:impressions"),
    ("posts", "sum_missing"): ("social.posts", "derive:engagements"),
    ("subscriptions", "percent_for_fraction"): ("finance.subscriptions", "scale:discount_rate"),
    ("subscriptions", "empty_date_as_1970"): ("finance.subscriptions", "clear:ended_date"),
    ("invoices", "dates_swapped"): ("finance.invoices", "swap:issued_date"),
    ("invoices", "amount_in_cents"): ("finance.invoices", "scale:amount"),
    ("payments", "amount_in_cents"): ("finance.payments", "scale:amount"),
    ("payments", "net_missing"): ("finance.payments", "derive:net_amount"),
    ("payments", "misspelt"): ("finance.payments", "replace:status"),
    ("expenses", "amount_in_cents"): ("finance.expenses", "scale:amount"),
    ("fx_rates", "usual_name"): ("finance.fx_rates", "replace:base_currency"),
    ("tickets", "times_swapped"): ("feedback.tickets", "swap:created_at"),
    ("tickets", "reply_before_ticket"): ("feedback.tickets", "clear:first_replied_at"),
    ("calendar", "ends_swapped"): ("planning.calendar", "swap:date_from"),
}
OWN_KPI = META["kpi_id"]
Key = tuple[str, ...]
Cell = tuple[Decimal | None, Decimal | None, float | None]
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
        "select kpi_id, grain, dimension, member, period, numerator, denominator, value from kpis.kpi_values"
        " where dimension = 'all' or grain not in ('day', 'week')",
    )
    found = {row[:5]: row[5:] for row in rows if row[0] != OWN_KPI}
    promised = _cells(truth["kpis"])
    keys = sorted(found.keys() | promised.keys())
    wrong = {key: (found.get(key), promised.get(key)) for key in keys if not _same(found.get(key), promised.get(key))}
    assert not wrong, "\n".join(f"{' '.join(key)}: found, planted {cells}" for key, cells in [*wrong.items()][:20])


def test_every_kpi_of_the_catalogue_has_planted_cells(company: Company, truth: dict[str, Any]) -> None:
    catalogue = {kpi_id for (kpi_id,) in _published(company, "select kpi_id from kpis.kpi_catalog")} - {OWN_KPI}
    assert truth["kpis"].keys() == catalogue
    told = {key[0] for key, cell in _cells(truth["kpis"]).items() if cell[2] is not None}
    assert told == catalogue


def test_every_cohort_is_the_planted_one(company: Company, truth: dict[str, Any]) -> None:
    rows = _published(
        company, "select subject, grain, cohort, age, size, active, is_mature from kpis.retention_cohorts"
    )
    found = {row[:4]: row[4:] for row in rows}
    promised = {
        (subject, grain, cohort, age): (size, active, age < mature)
        for subject, grains in truth["retention_cohorts"].items()
        for grain, cohorts in grains.items()
        for cohort, (size, ages, mature) in cohorts.items()
        for age, active in enumerate(ages)
    }
    assert found == promised


def test_every_sum_of_the_clean_rows_equals_the_planted_one(company: Company, truth: dict[str, Any]) -> None:
    connection = read_published(company.data / "warehouse.duckdb")
    found = {key: dict(connection.execute(query(*key, schema="clean.")).fetchall()) for key in SUMS}
    connection.close()
    for entity, measure in SUMS:
        said = truth["sums"].get(entity, {}).get(measure, {"all": None, "months": {}})
        periods = {"all": said["all"], **said["months"]}
        promised = {period: Decimal(total or 0) for period, total in periods.items()}
        assert {period: found[entity, measure].get(period) or 0 for period in promised} == promised, (entity, measure)


def test_every_planted_repair_is_counted_by_its_rule(company: Company, truth: dict[str, Any]) -> None:
    rows = _published(
        company, "select entity, rule, column_name, sum(cells)::bigint from ops.ops.corrections group by all"
    )
    cells = {(entity, rule): count for entity, rule, column, count in rows if rule.endswith(f":{column}")}
    planted: Counter[tuple[str, str]] = Counter()
    for one in truth["planted"]:
        planted[one["export"], one["kind"]] += one["rows"]
    assert {kind: cells.get(rule, 0) for kind, rule in CORRECTED.items()} == {kind: planted[kind] for kind in CORRECTED}
    assert sum(planted[kind] > 0 for kind in CORRECTED) > len(CORRECTED) / 2


def test_one_month_of_orders_and_payments_differs_and_is_told(company: Company, truth: dict[str, Any]) -> None:
    months = _published(
        company,
        "select period, is_within from ops.ops.reconciliation"
        " where kind = 'cross_system_month' and starts_with(check_id, 'orders_payments')",
    )
    assert {period for period, is_within in months if not is_within} == {truth["unpaid_orders"]["month"]}
    others = _published(
        company,
        "select check_id from ops.ops.reconciliation where kind = 'cross_system' and not is_within"
        " and not starts_with(check_id, 'orders_payments')",
    )
    assert others == []


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


def _cells(kpis: dict[str, Any]) -> dict[Key, Cell]:
    """The planted cells by KPI, grain, dimension, member and period."""
    return {
        (kpi, grain, dimension, member, period): (_exact(cell[0]), _exact(cell[1]), cell[2])
        for kpi, grains in kpis.items()
        for grain, dimensions in grains.items()
        for dimension, members in dimensions.items()
        for member, periods in members.items()
        for period, cell in periods.items()
    }


def _same(found: Cell | None, planted: Cell | None) -> bool:
    """Whether both sides are exactly the same, and the value but for the last digits of a division."""
    if found is None or planted is None or found[:2] != planted[:2]:
        return False
    if found[2] is None or planted[2] is None:
        return found[2] is planted[2]
    return math.isclose(found[2], planted[2], rel_tol=1e-12)


def _exact(number: str | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _published(company: Company, sql: str) -> list[tuple[Any, ...]]:
    connection = read_published(company.published)
    rows = connection.execute(sql).fetchall()
    connection.close()
    return rows
