"""The annex on what was delivered: refused, kept out, changed in its columns, corrected, compared with another system."""

import re
from html import unescape
from typing import Any

import duckdb
import pytest

from pipeline.report.render import render

# One row for each kind of correction there is
CORRECTIONS = [
    "trim:name", "replace:status", "case:currency", "scale:amount", "swap:issued_date", "clear:paid_date", "derive:amount",
    "fill:kind", "round:amount", "local_time:ordered_at",
]  # fmt: skip


@pytest.fixture(scope="module")
def annex(october: dict[str, Any]) -> dict[str, list[str]]:
    """By id of the section the cells of its tables, row by row, as one text each."""
    return rows_by_section(october)


def rows_by_section(document: dict[str, Any]) -> dict[str, list[str]]:
    html = render(document, "en")["summary.html"]
    found = {}
    for part in html.split('<h3 id="')[1:]:
        rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", part)
        found[part.split('"')[0]] = [
            " | ".join(unescape(re.sub("<[^>]+>", "", cell)) for cell in re.split("</t[hd]>", row)[:-1]) for row in rows
        ]
    return found


def test_rows_of_deliveries_are_told_with_what_became_of_them(annex: dict[str, list[str]]) -> None:
    assert "finance.refunds | shop | 1 | 0 | 6,250 | 6,240 | 1 | 4 | 2 | 3" in annex["quality"]


def test_a_delivery_refused_as_a_whole_stands_with_its_reason(annex: dict[str, list[str]]) -> None:
    assert annex["refusals"] == [
        "crm.opportunities | crm | deals_26.csv | 24 October 2026 | deals_26.csv: the columns differ"
    ]


def test_quarantine_is_told_by_rule_with_its_reason_and_the_first_row(annex: dict[str, list[str]]) -> None:
    assert annex["quarantine"] == ["finance.orders | shop | cast:amount | 1 | orders_25.csv:1 | the value is no money"]


def test_changed_columns_stand_with_what_the_connector_made_of_them(annex: dict[str, list[str]]) -> None:
    assert annex["schema"] == [
        "crm.opportunities | deals_26.csv | deal_stage | missing | freeze | no | missing columns: deal_stage",
        "shop.orders | orders_25.csv | coupon | new | evolve | yes | new columns: coupon",
    ]


def test_a_comparison_that_differs_shows_both_values_and_the_first_month(annex: dict[str, list[str]]) -> None:
    differing, agreeing, uncompared = (
        next(row for row in annex["reconciliation"] if row.startswith(label))
        for label in ("won deals", "orders /", "sessions /")
    )
    assert "first in September 2026: 27,150 and 26,760" in differing
    assert "1 August 2026 to 31 October 2026" in differing
    assert differing.endswith("| 81,450 | 80,910 | 540 | 100 | no")
    assert agreeing.endswith("| 640 | 640 | 0 | 5 | yes")
    assert "not compared: the second has no row on the days both cover" in uncompared
    assert uncompared.endswith("|  |  |  |  | –")


def test_every_kind_of_correction_stands_with_its_examples(shop: duckdb.DuckDBPyConnection, summarise: Any) -> None:
    for number, rule in enumerate(CORRECTIONS, 1):
        shop.execute(
            """insert into ops.corrections select load_id, source, export, entity, ?, ?, ?, ?, 'why it is done'
            from ops.loads where entity = 'finance.orders' and first_day = date '2026-10-01'""",
            [rule, rule.split(":")[1], number, f'["before {number} → after {number}"]'],
        )
    rows = rows_by_section(summarise(shop, "2026-10"))["corrections"]
    for number, rule in enumerate(CORRECTIONS, 1):
        column = rule.split(":")[1]
        assert (
            f"finance.orders | {rule} | {column} | {number} | before {number} → after {number} | why it is done" in rows
        )
    assert not any("why it is done" in row for row in rows_by_section(summarise(shop, "2026-08"))["corrections"])


def test_what_happened_to_another_months_deliveries_is_not_told(
    seeded: duckdb.DuckDBPyConnection, summarise: Any
) -> None:
    june = rows_by_section(summarise(seeded, "2026-06"))
    assert [row for row in june.get("schema", []) if row.startswith("shop.orders")] == []
