"""What the templates show: all their variables, from a document in one language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.report.document import DELIVERY_SECTIONS
from pipeline.report.render.reader import Reader
from pipeline.report.render.tables import (
    kpi_rows,
    metric_rows,
    note_rows,
    objective_rows,
    part_rows,
    unmeasured_rows,
)
from pipeline.report.render.trends import trends
from pipeline.report.render.words import NOTHING

_ALARMS = ("data.stale", "data.partial", "data.outside")


def build_view(document: Mapping[str, Any], language: str) -> dict[str, Any]:
    """All variables of the templates. Provenance comes last: it tells of every fact displayed before."""
    reader = Reader(document, language)
    view = {
        "t": reader.words.text,
        "language": language,
        "company": document["company"]["name"],
        "period": _period(reader),
        "heads": {name: reader.words.short_period(period.label) for name, period in reader.named_periods.items()},
        "has_year_ago": reader.period.previous != reader.period.year_ago,
        "edition": _edition(reader),
        "status": reader.sentences("status"),
        "is_alarming": any(statement["text_key"].startswith(_ALARMS) for statement in reader.statements("status")),
        "headline": reader.sentences("headline"),
        "objectives": objective_rows(reader),
        "metrics": metric_rows(reader),
        "trends": trends(reader),
        "actions": part_rows(reader, "actions"),
        "notes": note_rows(reader),
        "kpis": kpi_rows(reader),
        "unmeasured": unmeasured_rows(reader),
        "agreeing": reader.sentences("agreeing"),
    }
    for section in ("sources", *DELIVERY_SECTIONS):
        view[section] = part_rows(reader, section)
    return view | {"provenance": reader.displayed.entries(reader.name, reader.catalog)}


def _period(reader: Reader) -> dict[str, Any]:
    period = reader.document["period"]
    return {
        "name": reader.words.period(period["label"]),
        "first": reader.words.day(period["start"]),
        "last": reader.words.day(period["end"]),
        "is_closed": period["is_closed"],
    }


def _edition(reader: Reader) -> dict[str, Any]:
    edition = reader.document["edition"]
    return {
        "number": edition["number"],
        "made": reader.words.day(edition["made_at"]) if edition["made_at"] else "",
        "identity": edition["identity"][:12],
        "earlier": [
            {"number": old["number"], "made": reader.words.day(old["made_at"]), "restated": old["restated"]}
            for old in edition["earlier"]
        ],
        "restated": [_restated(reader, change) for change in edition["restated"]],
    }


def _restated(reader: Reader, change: Mapping[str, Any]) -> dict[str, Any]:
    sides = {}
    for side in ("old", "new"):
        sides[side] = reader.words.fact({**change, **change[side]}) if change[side] else NOTHING
    return sides | {
        "name": reader.name(change),
        "section": reader.words.text(f"section.{change['section']}"),
        "period": reader.words.period(change["period"]),
        "field": reader.words.code("field", change["field"]),
        "because": reader.words.text(f"because.{change['because']}"),
    }
