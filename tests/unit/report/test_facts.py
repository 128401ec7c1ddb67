"""Facts: ids, values, and the promise that each can be found again by its query."""

import re
from typing import Any

import duckdb
import pytest

from pipeline.periods import parse_period
from pipeline.report.facts import build_facts, trend_periods

ROW_WITHOUT_VALUE = """
    insert into kpis.kpi_scorecard by name
    select
        'sessions' as kpi_id, 'month' as grain, '2026-10' as period, date '2026-10-01' as period_start,
        date '2026-10-31' as period_end, 'all' as dimension, 'all' as member, true as is_complete,
        'current' as source_status
"""
PUBLISHED = {"marts", "kpis", "analysis", "report", "ops"}


def fact(document: dict[str, Any], fact_id: str) -> dict[str, Any]:
    return next(fact for fact in document["facts"] if fact["fact_id"] == fact_id)


def ids(document: dict[str, Any], section: str) -> set[str]:
    return {fact["fact_id"] for fact in document["facts"] if fact["section"] == section}


def asked(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """The answer to a fact's query; it is written for ops.duckdb, where the catalogue is called ops."""
    return connection.execute(query.replace("ops.ops.", "ops.")).fetchall()


@pytest.mark.parametrize("label", ["2026-10", "2026-11", "2026-Q4", "2026-W43", "2025"])
def test_every_query_finds_its_fact_again(seeded: duckdb.DuckDBPyConnection, label: str) -> None:
    build_facts(seeded, parse_period(label), "run-1")
    facts = seeded.execute(
        """
        select fact_id, value, text_value, query from report.facts
        where summary_period = ? and (section not in ('history', 'trend') or hash(fact_id) % 25 = 0)
        """,
        [label],
    ).fetchall()
    assert facts
    for fact_id, value, text_value, query in facts:
        rows = asked(seeded, query)
        assert len(rows) == 1, fact_id
        found = rows[0][0]
        if text_value is not None or value is None:
            assert found == text_value, fact_id
        else:
            assert float(found) == pytest.approx(value, rel=1e-12), fact_id


def test_queries_read_published_schemas_only(october: dict[str, Any]) -> None:
    read = {schema for fact in october["facts"] for schema in re.findall(r"(?:from|join) (\w+)\.", fact["query"])}
    assert read
    assert read <= PUBLISHED


def test_ids_are_unique_and_name_what_they_are_about(october: dict[str, Any]) -> None:
    assert len({fact["fact_id"] for fact in october["facts"]}) == len(october["facts"])
    revenue = fact(october, "metrics/net_revenue/month/2026-10/channel/organic/value")
    assert (revenue["dimension"], revenue["member"], revenue["field"]) == ("channel", "organic", "value")


def test_a_member_with_a_slash_keeps_the_id_readable(shop: duckdb.DuckDBPyConnection, summarise: Any) -> None:
    for table in ("kpi_values", "kpi_scorecard"):
        shop.execute(f"update kpis.{table} set member = 'paid/örganic%' where member = 'organic'")
    assert fact(summarise(shop, "2026-10"), "metrics/net_revenue/month/2026-10/channel/paid%2Förganic%25/value")


def test_differences_are_computed_where_the_facts_are(october: dict[str, Any]) -> None:
    prefix = "metrics/session_conversion_rate/month/2026-10/all/all"
    value, target, gap = (fact(october, f"{prefix}/{field}") for field in ("value", "target", "target_gap"))
    assert gap["unit"] == "points"
    assert gap["value"] == pytest.approx((value["value"] - target["value"]) * 100)
    assert (value["numerator"], value["denominator"]) == (557, 20008)


def test_goals_are_counted(october: dict[str, Any]) -> None:
    counts = {
        field: fact(october, f"objectives/-/month/2026-10/all/all/{field}")["value"]
        for field in ("goals_set", "goals_judged", "goals_met", "goals_missed")
    }
    assert counts == {"goals_set": 8, "goals_judged": 7, "goals_met": 3, "goals_missed": 4}


def test_history_has_13_periods_and_trend_the_days_of_two_months(october: dict[str, Any]) -> None:
    history = {fact_id for fact_id in ids(october, "history") if "/orders/" in fact_id}
    trend = {fact_id for fact_id in ids(october, "trend") if "/orders/" in fact_id}
    assert len(history) == 13
    assert len(trend) == len(trend_periods(parse_period("2026-10"))) == 30 + 31


def test_a_part_of_a_period_has_no_attainment_and_says_its_last_day(october: dict[str, Any]) -> None:
    fields = {fact_id.rpartition("/")[2] for fact_id in ids(october, "metrics") if "/won_amount/" in fact_id}
    assert "counted_to" in fields
    assert not fields & {"attainment", "is_met", "target_gap"}
    assert fact(october, "metrics/won_amount/month/2026-10/all/all/counted_to")["text_value"] == "2026-10-23"


def test_days_after_the_period_are_not_told(seeded: duckdb.DuckDBPyConnection, summarise: Any) -> None:
    document = summarise(seeded, "2026-09")
    covered = fact(document, "sources/-/month/2026-09/source+entity/crm+crm.opportunities/covered_to")
    assert covered["text_value"] == "2026-09-30"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("update kpis.kpi_catalog set grains = 'year' where kpi_id = 'sessions'", "no_grain"),
        ("select 1", "not_covered"),
        (
            ROW_WITHOUT_VALUE,
            "no_value",
        ),
        ("update ops.source_status set status = 'no_source' where entity = 'analytics.sessions'", "no_source"),
    ],
)
def test_why_a_kpi_has_no_value(shop: duckdb.DuckDBPyConnection, summarise: Any, change: str, reason: str) -> None:
    shop.execute("delete from kpis.kpi_scorecard where kpi_id = 'sessions' and grain = 'month' and period = '2026-10'")
    shop.execute(change)
    found = fact(summarise(shop, "2026-10"), "unmeasured/sessions/month/2026-10/all/all/reason")
    assert found["text_value"] == reason
    assert asked(shop, found["query"]) == [(reason,)]


def test_provenance_names_the_deliveries_of_the_period(october: dict[str, Any]) -> None:
    value = fact(october, "metrics/net_revenue/month/2026-10/all/all/value")
    assert [(load["entity"], load["newest"]) for load in value["loads"]] == [
        ("finance.orders", ["so-25"]),
        ("finance.refunds", ["sr-25"]),
    ]
    assert value["checks"]["failed"] == ["warning: orders_amount_not_negative"]
    assert value["run_id"] == "run-1"


def test_a_kpi_that_reaches_back_names_earlier_deliveries_too(shop: duckdb.DuckDBPyConnection, summarise: Any) -> None:
    shop.execute("update kpis.kpi_catalog set reach = 'onward' where kpi_id = 'orders'")
    value = fact(summarise(shop, "2026-10"), "metrics/orders/month/2026-10/all/all/value")
    assert value["loads"] == [
        {"entity": "finance.orders", "source": "shop", "deliveries": 26, "newest": ["so-25", "so-24", "so-23"]}
    ]


def test_actions_are_those_open_in_the_period(october: dict[str, Any]) -> None:
    keys = {fact["member"] for fact in october["facts"] if fact["section"] == "actions"}
    assert keys == {"planning:A-17", "planning:A-18"}


def test_notes_are_those_of_the_period(october: dict[str, Any]) -> None:
    keys = {fact["member"] for fact in october["facts"] if fact["section"] == "notes"}
    assert keys == {"planning:N-1", "planning:N-2", "planning:N-3"}


def test_building_again_replaces_the_periods_facts_alone(seeded: duckdb.DuckDBPyConnection) -> None:
    seeded.execute("delete from report.facts")
    for label in ("2026-09", "2026-10", "2026-10"):
        build_facts(seeded, parse_period(label), "run-1")
    counts = seeded.execute(
        "select summary_period, count(*) = count(distinct fact_id) from report.facts group by all order by all"
    ).fetchall()
    assert counts == [("2026-09", True), ("2026-10", True)]


def test_the_quarantine_is_counted_by_source_and_over_all(october: dict[str, Any]) -> None:
    orders = fact(october, "quality/-/month/2026-10/source+entity/shop+finance.orders/rows_quarantined")
    assert orders["value"] == 1
    assert fact(october, "quality/-/month/2026-10/all/all/rows_quarantined")["value"] == 4
