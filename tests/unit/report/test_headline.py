"""The headline: which sentences are chosen, and how they read."""

from typing import Any

import pytest

from pipeline.periods import Period, parse_period
from pipeline.report.groups import Groups
from pipeline.report.headline import headline, verdict
from pipeline.report.render.reader import Reader

MARCH = parse_period("2031-03")


def fact(kpi_id: str | None, field: str, value: float | str | None, unit: str, **more: Any) -> dict[str, Any]:
    section = more.pop("section", "metrics")
    return {
        "fact_id": f"{section}/{kpi_id or '-'}/month/2031-03/all/all/{field}",
        "section": section,
        "kpi_id": kpi_id,
        "grain": "month",
        "period": "2031-03",
        "dimension": "all",
        "member": "all",
        "field": field,
        "value": None if isinstance(value, str) else value,
        "text_value": value if isinstance(value, str) else None,
        "unit": unit,
        "numerator": None,
        "denominator": None,
        "definition_version": 1,
        "source_status": "current",
        "query": "select 1",
        "loads": [],
        "checks": {"passed": 0, "failed": []},
        "run_id": "run-1",
    } | more


def kpi(kpi_id: str, unit: str, fields: dict[str, Any], **value: Any) -> list[dict[str, Any]]:
    units = {
        "value": unit, "target": unit, "previous_value": unit, "target_gap_rate": "fraction", "change_rate": "fraction",
        "year_ago_change_rate": "fraction", "is_met": "boolean", "is_complete": "boolean",
        "counted_from": "date", "counted_to": "date",
    }  # fmt: skip
    other = "points" if unit == "fraction" else unit
    fields = {"is_complete": 1.0} | fields
    return [
        fact(kpi_id, field, number, units.get(field, other), **(value if field == "value" else {}))
        for field, number in fields.items()
    ]


def worded(facts: list[dict[str, Any]], directions: dict[str, str], period: Period = MARCH) -> list[str]:
    """The headline in English; the first KPI of `directions` is the first headline KPI."""
    catalog = [
        {"kpi_id": kpi_id, "name_en": kpi_id.capitalize(), "direction": direction, "role": "output", "domain": "d"}
        for kpi_id, direction in directions.items()
    ]
    as_of = fact(None, "as_of", "2031-03-31", "date", section="sources")
    facts = [*facts, as_of]
    sentences = headline(Groups(period, facts, list(directions), catalog))
    document = {
        "company": {"currency": "USD", "fiscal_year_start": 1},
        "period": {"label": period.label},
        "facts": facts,
        "catalog": catalog,
        "statements": [{"section": "headline", "text_key": key, "fact_ids": ids} for key, ids in sentences],
    }
    pieces = Reader(document, "en").sentences("headline")
    return ["".join(str(piece) for piece in sentence).replace("\u00a0", " ") for sentence in pieces]


@pytest.mark.parametrize(
    ("unit", "fields", "expected"),
    [
        ("money", {"value": 412310.0}, "Revenue was 412,310 USD."),
        (
            "money",
            {
                "value": 412310.0,
                "target": 400000.0,
                "target_gap": 12310.0,
                "target_gap_rate": 0.030775,
                "change": 24800.0,
                "change_rate": 0.064,
                "previous_value": 387510.0,
                "year_ago_change": -900.0,
                "year_ago_change_rate": -0.0021,
            },
            (
                "Revenue was 412,310 USD, 3.1% over its target, 6.4% more than in February 2031, "
                "and 0.2% less than a year earlier."
            ),
        ),
        ("money", {"value": 5.0, "target": 5.0, "target_gap": 0.0}, "Revenue was 5 USD, exactly its target."),
        (
            "fraction",
            {"value": 0.0261, "change": -0.09, "previous_value": 0.027},
            "Revenue was 2.61%, 0.09 pp less than in February 2031.",
        ),
        ("fraction", {"value": 0.0261, "change": 0.001}, "Revenue was 2.61%, the same as in February 2031."),
        ("count", {"value": 0.0, "change": 0.0, "previous_value": 0.0}, "Revenue was 0, the same as in February 2031."),
        (
            "count",
            {"value": 5.0, "change": 3.0, "change_rate": 1.5, "previous_value": 2.0},
            "Revenue was 5, 3 more than in February 2031.",
        ),
        (
            "money",
            {"value": -1250.0, "change": -2000.0, "change_rate": -2.667, "previous_value": 750.0},
            "Revenue was −1,250 USD, 266.7% less than in February 2031.",
        ),
        (
            "money",
            {
                "value": 900.0,
                "is_complete": 0.0,
                "counted_from": "2031-03-01",
                "counted_to": "2031-03-31",
                "change": 90.0,
                "change_rate": 0.1,
                "previous_value": 810.0,
            },
            "Revenue was 900 USD up to 31 March 2031, 10.0% more than in the same days of February 2031.",
        ),
    ],
)
def test_the_first_sentence(unit: str, fields: dict[str, Any], expected: str) -> None:
    facts = [*kpi("revenue", unit, fields), fact(None, "goals_set", 1.0, "count", section="objectives")]
    assert worded(facts, {"revenue": "up"})[0] == expected


def test_a_rate_of_few_cases_says_so() -> None:
    facts = kpi("rate", "fraction", {"value": 0.5, "change": 20.0}, numerator=6.0, denominator=12.0)
    assert (
        worded(facts, {"rate": "up"})[0]
        == "Rate was 50.0%, 20.00 pp more than in February 2031 and on a small base of 12 cases."
    )


def test_the_largest_movements_for_worse_and_better_are_told_after_it() -> None:
    facts = [
        *kpi("revenue", "money", {"value": 100.0}),
        *kpi("orders", "count", {"value": 110.0, "change": 10.0, "change_rate": 0.1, "previous_value": 100.0}),
        *kpi("visits", "count", {"value": 150.0, "change": 50.0, "change_rate": 0.5, "previous_value": 100.0}),
        *kpi(
            "refunds",
            "fraction",
            {"value": 0.05, "change": 1.0, "previous_value": 0.04},
            numerator=50.0,
            denominator=1000.0,
        ),
        *kpi("few", "count", {"value": 9.0, "change": 8.0, "change_rate": 8.0, "previous_value": 1.0}),
    ]
    directions = {"revenue": "up", "orders": "up", "visits": "up", "refunds": "down", "few": "up"}
    assert worded(facts, directions)[1:3] == [
        "Refunds worsened most: up 1.00 pp to 5.00%.",
        "Visits improved most among the other key metrics: up 50.0% to 150.",
    ]


@pytest.mark.parametrize(
    ("met", "expected"),
    [
        ([1.0, 1.0], "All goals were met (2)."),
        ([1.0, 0.0], "Goals met: 1 of 2; missed: Orders."),
        ([0.0, 0.0], "Goals met: none of 2; missed: Revenue and Orders."),
        ([1.0, None], "Of 2 goals 1 can be judged: all met."),
        ([0.0, None], "Of 2 goals 1 can be judged: none met; missed: Revenue."),
        ([None, None], "Goals set: 2; they are judged when the period is complete."),
    ],
)
def test_goals_met_and_missed(met: list[float | None], expected: str) -> None:
    facts: list[dict[str, Any]] = []
    for kpi_id, is_met in zip(("revenue", "orders"), met, strict=True):
        verdict_field = {} if is_met is None else {"is_met": is_met}
        facts += kpi(kpi_id, "count", {"value": 100.0, "target": 90.0} | verdict_field)
    judged = [is_met for is_met in met if is_met is not None]
    counts = {"goals_set": 2.0, "goals_judged": float(len(judged)), "goals_met": float(sum(judged))}
    facts += [fact(None, field, number, "count", section="objectives") for field, number in counts.items()]
    assert worded(facts, {"revenue": "up", "orders": "up"})[-1] == expected


def test_what_is_counted_in_part_or_missing_comes_last() -> None:
    part = {"value": 90.0, "is_complete": 0.0, "counted_from": "2031-03-01", "counted_to": "2031-03-23"}
    facts = [
        *kpi("revenue", "money", {"value": 100.0}),
        *kpi("deals", "count", part),
        fact("csat", "reason", "no_source", "code", section="unmeasured"),
        fact("margin", "reason", "no_grain", "code", section="unmeasured"),
    ]
    directions = {"revenue": "up", "deals": "up", "csat": "up", "margin": "up"}
    assert worded(facts, directions) == [
        "Revenue was 100 USD.",
        "No goals are set for the period.",
        "Counted only in part: Deals (to 23 March 2031); not measured: Csat.",
    ]


def test_a_kpi_that_leaves_days_out_does_not_lead() -> None:
    part = {"value": 90.0, "is_complete": 0.0, "counted_from": "2031-03-01", "counted_to": "2031-03-23"}
    facts = [*kpi("deals", "count", part), *kpi("revenue", "money", {"value": 100.0})]
    assert worded(facts, {"deals": "up", "revenue": "up"})[0] == "Revenue was 100 USD."


def test_nothing_measured_is_said() -> None:
    assert worded([], {"revenue": "up"}) == ["None of the headline KPIs has a value for March 2031."]


@pytest.mark.parametrize(
    ("change", "direction", "expected"),
    [
        (1, "up", "rose_better"), (1, "down", "rose_worse"), (1, "none", "rose"),
        (-1, "up", "fell_worse"), (-1, "down", "fell_better"), (-1, "none", "fell"), (0, "up", "unchanged"),
    ],
)  # fmt: skip
def test_a_movement_is_judged_by_the_direction_that_is_good(change: float, direction: str, expected: str) -> None:
    assert verdict(change, direction) == expected
