"""Trend charts of the headline KPIs, with their values as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.periods import Period
from pipeline.report.facts import HISTORY_PERIODS, trend_periods
from pipeline.report.render.charts import trend_chart
from pipeline.report.render.reader import Reader
from pipeline.report.render.sentences import Fact


def trends(reader: Reader) -> list[dict[str, Any]]:
    """One chart per headline KPI: days or weeks of the period and those before it, or else its last 13 periods."""
    return [_trend(reader, reader.stated(statement)) for statement in reader.statements("trend")]


def _trend(reader: Reader, facts: Sequence[Fact]) -> dict[str, Any]:
    words, points = reader.words, {fact["period"]: fact for fact in facts}
    is_fine = facts[0]["section"] == "trend"
    periods = trend_periods(reader.period) if is_fine else reader.period.back(HISTORY_PERIODS)
    first, last = words.period(periods[0].label), words.period(periods[-1].label)
    number_format = ",.3~%" if facts[0]["unit"] == "fraction" else ",~f"
    told = [period.label for period in periods if period.label in points]
    return {
        "name": reader.name(facts[0]),
        "grain": words.text(f"trend.by_{facts[0]['grain']}"),
        "svg": trend_chart(_points(reader, periods, points, is_fine), words.d3_locale(), number_format),
        "label": words.text("trend.label", kpi=reader.name(facts[0]), count=str(len(told)), first=first, last=last),
        "points": [(words.period(label), words.fact(points[label])) for label in told],
    }


def _points(reader: Reader, periods: Sequence[Period], points: dict[str, Fact], is_fine: bool) -> list[dict[str, Any]]:
    return [
        {
            "place": place,
            "label": reader.words.axis_label(period),
            "value": points[period.label]["value"] if period.label in points else None,
            "series": "current" if period.end >= reader.period.start or not is_fine else "earlier",
        }
        for place, period in enumerate(periods)
    ]
