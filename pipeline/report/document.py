"""The document of a summary: everything facts.json holds, as plain data, sorted, and its identity."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb

from pipeline.periods import Period
from pipeline.report.statements import Statement

Document = dict[str, Any]

DELIVERY_SECTIONS = ("quality", "refusals", "quarantine", "schema", "corrections", "checks", "reconciliation")
"""Sections that tell how deliveries went: like the loads themselves they are no part of a summary's identity."""
PROVENANCE = ("query", "loads", "checks", "run_id")

_FACT_COLUMNS = (
    "fact_id", "section", "kpi_id", "grain", "period", "dimension", "member", "field", "value", "text_value", "unit",
    "numerator", "denominator", "definition_version", "source_status", "query", "loads", "checks", "run_id",
)  # fmt: skip
_CATALOG_COLUMNS = (
    "kpi_id", "name_en", "name_zh", "formula_en", "formula_zh", "unit", "kind", "direction", "domain", "role", "owner",
    "definition_version", "sources", "grains",
)  # fmt: skip


def read_facts(connection: duckdb.DuckDBPyConnection, period: Period) -> list[dict[str, Any]]:
    """The period's facts as plain data, by id."""
    rows = connection.execute(
        f"""
        select {", ".join(_FACT_COLUMNS).replace("numerator, denominator", "numerator::double, denominator::double")}
        from report.facts where summary_grain = ? and summary_period = ? order by fact_id
        """,
        [period.grain, period.label],
    ).fetchall()
    facts = [dict(zip(_FACT_COLUMNS, row, strict=True)) for row in rows]
    for fact in facts:
        fact["loads"] = json.loads(fact["loads"]) if fact["loads"] else []
        fact["checks"] = json.loads(fact["checks"]) if fact["checks"] else {"passed": 0, "failed": []}
    return facts


def read_catalog(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """What the KPIs are called and how they are defined, by id."""
    rows = connection.execute(f"select {', '.join(_CATALOG_COLUMNS)} from kpis.kpi_catalog order by kpi_id").fetchall()
    return [dict(zip(_CATALOG_COLUMNS, row, strict=True)) for row in rows]


def make_document(
    company: Mapping[str, Any],
    period: Period,
    facts: Sequence[Mapping[str, Any]],
    statements: Iterable[Statement],
    catalog: Sequence[Mapping[str, Any]],
) -> Document:
    """The document but for its edition. `company` has name, currency, fiscal_year_start and as_of."""
    as_of: date = company["as_of"]
    return {
        "company": {key: company[key] for key in ("name", "currency", "fiscal_year_start")},
        "period": {
            "grain": period.grain,
            "label": period.label,
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "is_closed": as_of >= period.end,
        },
        "facts": [dict(fact) for fact in facts],
        "statements": [
            {"section": s.section, "rank": s.rank, "text_key": s.text_key, "fact_ids": list(s.fact_ids)}
            for s in statements
        ],
        "catalog": [dict(kpi) for kpi in catalog],
    }


def identity(facts: Iterable[Mapping[str, Any]]) -> str:
    """Hash of what the facts say: not of how the data came, of runs, loads or queries."""
    said = sorted((fact["fact_id"], said_by(fact)) for fact in facts if fact["section"] not in DELIVERY_SECTIONS)
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def said_by(fact: Mapping[str, Any]) -> list[Any]:
    """What one fact says, numbers to 12 significant digits (the last ones depend on the order of a sum)."""
    numbers = [_rounded(fact[key]) for key in ("value", "numerator", "denominator")]
    return [*numbers, fact["text_value"], fact["unit"], fact["definition_version"], fact["source_status"]]


def content(document: Document) -> Document:
    """The document without its edition and provenance: what a reader of a draft would see changed."""
    facts = [{key: value for key, value in fact.items() if key not in PROVENANCE} for fact in document["facts"]]
    return {key: value for key, value in document.items() if key != "edition"} | {"facts": facts}


def to_json(document: Document) -> str:
    """facts.json: sorted keys, one item a line."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n"


def _rounded(number: float | None) -> str | None:
    return None if number is None else f"{number:.12g}"
