"""What the summary says of the data's state, and which rows it shows in which order."""

from typing import Any

import duckdb
import pytest

from pipeline.report.render import render

STALE = "crm (crm.opportunities) is stale since 24 October 2026 (the export lacks its column deal_stage)"
UNDATED = """
    update ops.source_status set stale_since = null, covered_from = null, covered_to = null, reason = null
    where source = 'crm'
"""
CURRENT = "update ops.source_status set status = 'current' where source = 'crm'"
ONLY_WHOLE = "delete from ops.source_status where source is null or source = 'crm'"


def status_lines(document: dict[str, Any]) -> list[str]:
    text = render(document, "en")["summary.md"].split("## In short")[0].replace("\u00a0", " ")
    return [line.removeprefix("- ").replace("\\", "") for line in text.splitlines() if line.startswith("- ")]


@pytest.mark.parametrize(
    ("change", "period", "expected"),
    [
        (
            "select 1",
            "2026-10",
            STALE + ": numbers that rest on it end on 23 October 2026 and are marked.",
        ),
        ("select 1", "2026-08", STALE + ", but covers the period whole."),
        ("select 1", "2026-11", STALE + " and covers no day of the period."),
        (UNDATED, "2026-10", "crm (crm.opportunities) is stale: its last good delivery stands."),
        (CURRENT, "2026-10", "crm (crm.opportunities) covers only 1 October 2026 to 23 October 2026."),
        (CURRENT, "2026-11", "crm (crm.opportunities) covers no day of the period."),
        (ONLY_WHOLE, "2026-10", "Every source is complete to 31 October 2026."),
        (ONLY_WHOLE, "2026-11", "Every source is complete to 4 November 2026."),
        ("select 1", "2026-10", "Nobody delivers feedback.responses: the KPIs that need it are not measured."),
        ("select 1", "2026-10", "4 of 25,000 delivered rows are in quarantine (0.02%)."),
    ],
)
def test_the_data_status(
    shop: duckdb.DuckDBPyConnection, summarise: Any, change: str, period: str, expected: str
) -> None:
    shop.execute(change)
    assert expected in status_lines(summarise(shop, period))


def test_key_metrics_are_the_headline_input_before_output(october: dict[str, Any]) -> None:
    rows = [
        statement["fact_ids"][0].split("/")[1]
        for statement in october["statements"]
        if statement["section"] == "metrics"
    ]
    assert rows == [
        "sessions", "session_conversion_rate", "new_customers",
        "net_revenue", "orders", "refund_rate_amount", "won_amount", "csat",
    ]  # fmt: skip


def test_running_actions_come_before_ended_ones(october: dict[str, Any]) -> None:
    rows = [
        statement["fact_ids"][0].split("/")[5]
        for statement in october["statements"]
        if statement["section"] == "actions"
    ]
    assert rows == ["planning:A-18", "planning:A-17"]


def test_every_statement_speaks_of_facts_that_exist(october: dict[str, Any]) -> None:
    known = {fact["fact_id"] for fact in october["facts"]}
    assert all(set(statement["fact_ids"]) <= known for statement in october["statements"])


def test_a_kpi_of_no_fine_grain_is_charted_by_its_own(october: dict[str, Any]) -> None:
    charted = {
        statement["fact_ids"][0].split("/")[1]: statement["fact_ids"][0].split("/")[2]
        for statement in october["statements"]
        if statement["section"] == "trend"
    }
    assert charted["refund_rate_amount"] == "month"
    assert charted["orders"] == "day"
    assert "csat" not in charted
