"""Rows of the summary's tables, worded and linked."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from pipeline.report.facts import HISTORY_PERIODS
from pipeline.report.render.charts import spark_text, sparkline
from pipeline.report.render.reader import Fields, Reader
from pipeline.report.render.sentences import Fact, Shown
from pipeline.report.render.words import NOTHING


def objective_rows(reader: Reader) -> list[dict[str, Any]]:
    """One row per KPI or member with a target."""
    return [_objective(reader, fields) for fields in reader.fields("objectives")]


def metric_rows(reader: Reader) -> list[dict[str, Any]]:
    """One row per headline KPI, measured or not."""
    return [_metric(reader, reader.stated(statement)) for statement in reader.statements("metrics")]


def kpi_rows(reader: Reader) -> list[dict[str, Any]]:
    """One row per KPI that has a value."""
    return [
        {
            "name": reader.name(fields["value"]),
            "kpi_id": fields["value"]["kpi_id"],
            "value": reader.shown(fields, "value"),
            "base": reader.base(fields["value"]),
            "formula": reader.formula(fields["value"]["kpi_id"]),
            "owner": reader.catalog[fields["value"]["kpi_id"]]["owner"] or "",
            "version": fields["value"]["definition_version"],
            "marks": reader.marks(fields),
        }
        for fields in reader.fields("kpis")
    ]


def unmeasured_rows(reader: Reader) -> list[dict[str, Any]]:
    """One row per KPI without a value."""
    rows = []
    for statement in reader.statements("unmeasured"):
        fact = reader.stated(statement)[0]
        why = reader.sentence(statement)
        rows.append({"name": reader.name(fact), "formula": reader.formula(fact["kpi_id"]), "why": why})
    return rows


def note_rows(reader: Reader) -> list[dict[str, str]]:
    """One row per note, under its author's name."""
    return [
        {
            "kind": reader.words.code("note_kind", fields["kind"]["text_value"]),
            "author": fields["author"]["text_value"] if "author" in fields else reader.words.text("note.no_author"),
            "kpi": reader.kpi_name(fields["kpi"]["text_value"]) if "kpi" in fields else "",
            "text": fields["note"]["text_value"],
        }
        for fields in reader.fields("notes")
    ]


def part_rows(reader: Reader, section: str) -> list[dict[str, Any]]:
    """Rows whose columns are the fields. `about`: source, entity and so on by name; `states`: codes as stored."""
    rows = []
    for fields in reader.fields(section):
        first = next(iter(fields.values()))
        row: dict[str, Any] = defaultdict(str, {field: _cell(reader, fact) for field, fact in fields.items()})
        row["about"] = defaultdict(str, zip(first["dimension"].split("+"), first["member"].split("+"), strict=False))
        states = {field: fact["text_value"] or fact["value"] for field, fact in fields.items()}
        row["states"] = defaultdict(str, states)
        rows.append(row)
    return rows


def _cell(reader: Reader, fact: Fact) -> Shown:
    if fact["value"] is not None:
        return reader.displayed.show(fact)
    if fact["unit"] == "json":
        return Shown("; ".join(str(example) for example in json.loads(fact["text_value"])))
    return Shown(reader.kpi_name(fact["text_value"]) if fact["unit"] == "kpi" else reader.words.fact(fact))


def _objective(reader: Reader, fields: Fields) -> dict[str, Any]:
    return {
        "name": reader.name(fields["value"]),
        "value": reader.shown(fields, "value"),
        "target": reader.shown(fields, "target"),
        "gap": reader.shown(fields, "target_gap_rate" if "target_gap_rate" in fields else "target_gap", "signed"),
        "attainment": reader.shown(fields, "attainment"),
        "verdict": _verdict(fields) or "open",
        "owner": fields["target_owner"]["text_value"] if "target_owner" in fields else "",
        "marks": reader.marks(fields),
    }


def _metric(reader: Reader, facts: Sequence[Fact]) -> dict[str, Any]:
    fields = {fact["field"]: fact for fact in facts if fact["section"] != "history"}
    kpi = reader.catalog[facts[0]["kpi_id"]]
    reason = fields["reason"]["text_value"] if "reason" in fields else ""
    return {
        "name": reader.name(facts[0]),
        "role": kpi["role"],
        "owner": kpi["owner"] or "",
        "value": reader.shown(fields, "value"),
        "base": reader.base(fields.get("value")),
        "target": reader.shown(fields, "target"),
        "attainment": reader.shown(fields, "attainment"),
        "verdict": _verdict(fields),
        "change": _change(reader, fields, "change", kpi["direction"]),
        "year_ago": _change(reader, fields, "year_ago_change", kpi["direction"]),
        "reason": reader.words.text(f"reason.{reason}") if reason else "",
        "marks": reader.marks(fields),
    } | _history(reader, [fact for fact in facts if fact["section"] == "history"])


def _history(reader: Reader, facts: Sequence[Fact]) -> dict[str, Any]:
    """The small chart, as SVG points, as characters and as the text a screen reader says."""
    points = {fact["period"]: fact for fact in facts}
    labels = [period.label for period in reader.period.back(HISTORY_PERIODS)]
    values = [points[label]["value"] if label in points else None for label in labels]
    told = [f"{reader.words.period(label)}: {reader.words.fact(points[label])}" for label in labels if label in points]
    has_any = any(value is not None for value in values)
    return {
        "spark": sparkline(values) if has_any else None,
        "spark_text": spark_text(values) if has_any else "",
        "spark_label": "; ".join(told),
    }


def _change(reader: Reader, fields: Fields, field: str, direction: str) -> dict[str, Any]:
    """A change, relative where it has a rate, and whether it is one for the better."""
    if field not in fields:
        return {"shown": Shown(NOTHING), "verdict": ""}
    rate = f"{field}_rate"
    shown = reader.shown(fields, rate if rate in fields else field, "signed")
    if direction not in ("up", "down") or reader.words.is_zero(fields[field]):
        return {"shown": shown, "verdict": ""}
    return {"shown": shown, "verdict": "better" if (fields[field]["value"] > 0) == (direction == "up") else "worse"}


def _verdict(fields: Fields) -> str:
    if "is_met" not in fields:
        return ""
    return "met" if fields["is_met"]["value"] else "missed"
