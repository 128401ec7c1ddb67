"""Statements: what the summary says, in which order and with which facts, chosen once and in no language.

A text key names a sentence of the catalogues, followed by the clauses it carries; `row.*` keys name rows and charts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.periods import Period
from pipeline.report.groups import Fact, Group, Groups, ids
from pipeline.report.headline import Sentence, headline

HEADLINE_LIMIT = 12
PART_SECTIONS = (
    "sources", "quality", "refusals", "quarantine", "schema", "corrections", "checks", "reconciliation", "notes",
)  # fmt: skip
NOTE_KINDS = ("explanation", "lesson", "risk", "market", "feedback", "process", "team", "training")


@dataclass(frozen=True)
class Statement:
    """One statement: where it stands, the text key that words it, and its facts in order."""

    section: str
    rank: int
    text_key: str
    fact_ids: tuple[str, ...]


def choose_statements(
    period: Period, facts: Iterable[Fact], headline_kpis: Sequence[str], catalog: Sequence[Mapping[str, Any]]
) -> list[Statement]:
    """All statements of a summary, by section and rank."""
    groups = Groups(period, facts, headline_kpis, catalog)
    chosen: dict[str, list[Sentence]] = {
        "headline": headline(groups),
        "status": _status(groups),
        "objectives": [("row.objective", ids(group)) for group in groups.with_targets()],
        "metrics": _metrics(groups),
        "trend": _trends(groups),
        "actions": [("row.action", ids(group)) for group in sorted(groups.parts("actions"), key=_action_order)],
        "kpis": [("row.kpi", ids(groups.kpi(kpi_id))) for kpi_id in groups.ordered() if groups.has_value(kpi_id)],
        "unmeasured": _unmeasured(groups),
        "agreeing": [("reconciliation.deliveries", ids(group))] if (group := groups.whole("reconciliation")) else [],
    }
    for section in PART_SECTIONS:
        chosen[section] = [(f"row.{section}", ids(group)) for group in sorted(groups.parts(section), key=_note_order)]
    return [
        Statement(section, rank, key, tuple(fact_ids))
        for section, sentences in sorted(chosen.items())
        for rank, (key, fact_ids) in enumerate(sentences, start=1)
    ]


def write_statements(connection: duckdb.DuckDBPyConnection, period: Period, statements: Sequence[Statement]) -> None:
    """Replace the period's rows of report.statements."""
    connection.execute(
        "delete from report.statements where summary_grain = ? and summary_period = ?", [period.grain, period.label]
    )
    rows = [[s.section, s.rank, s.text_key, json.dumps(s.fact_ids)] for s in statements]
    connection.execute(
        """
        insert into report.statements
        select ?, ?, r[1], r[2]::integer, r[3], r[4] from (select unnest(?::varchar[][]) as r)
        """,
        [period.grain, period.label, rows],
    )


def _status(groups: Groups) -> list[Sentence]:
    sources = groups.parts("sources")
    sentences = [sentence for group in sources if (sentence := _source_status(group))]
    unfed = [group for group in sources if group["status"]["text_value"] == "no_source"]
    if unfed:
        sentences.append(("data.no_source", [fact_id for group in unfed for fact_id in ids(group, "status")]))
    if not sentences and sources:
        sentences.append(("data.all_complete", ids(groups.whole("sources"), "as_of")))
    delivered = groups.whole("quality")
    if delivered and delivered["rows_quarantined"]["value"]:
        sentences.append(("data.quarantine", ids(delivered, "rows_quarantined", "rows_read", "quarantine_rate")))
    return sentences


def _source_status(group: Group) -> Sentence | None:
    """What is wrong with a source, as seen from the period; None where nothing is."""
    status = group["status"]["text_value"]
    is_covered = "is_covered" not in group or bool(group["is_covered"]["value"])
    facts = ids(group, "status", "stale_since", "reason", "covered_from", "covered_to")
    is_outside = not is_covered and group["covered_from"]["text_value"] > group["covered_to"]["text_value"]
    if status == "stale":
        extent = "_covered" if is_covered else "_outside" if is_outside else ""
        if "stale_since" not in group:
            extent = "_undated"
        return f"data.stale{extent}{'_why' if 'reason' in group else ''}", facts
    if status == "no_source" or is_covered:
        return None
    return ("data.outside" if is_outside else "data.partial"), facts


def _metrics(groups: Groups) -> list[Sentence]:
    """One fixed row per headline KPI, measured or not, input metrics before output metrics."""
    rows = []
    for kpi_id in _headline_in_order(groups):
        fields = ids(groups.kpi(kpi_id)) + ids(groups.kpi(kpi_id, "unmeasured"), "reason")
        points = [point["fact_id"] for point in groups.points("history", kpi_id)]
        rows.append(("row.metric", [*fields, *points]))
    return rows


def _trends(groups: Groups) -> list[Sentence]:
    rows = []
    for kpi_id in _headline_in_order(groups):
        points = groups.points("trend", kpi_id) or groups.points("history", kpi_id)
        if sum(point["value"] is not None for point in points) > 1:
            rows.append(("row.trend", [point["fact_id"] for point in points]))
    return rows


def _headline_in_order(groups: Groups) -> list[str]:
    shown = set(groups.headline[:HEADLINE_LIMIT])
    return [kpi_id for kpi_id in groups.ordered() if kpi_id in shown]


def _unmeasured(groups: Groups) -> list[Sentence]:
    missing = [(kpi_id, groups.kpi(kpi_id, "unmeasured")) for kpi_id in groups.ordered()]
    return [(f"unmeasured.{group['reason']['text_value']}", ids(group)) for kpi_id, group in missing if group]


def _action_order(group: Group) -> tuple[int, str, str]:
    """Running before accepted before ended ones, then by due date."""
    place = {"running": 0, "accepted": 1}.get(group["status"]["text_value"], 2)
    due = group["due_date"]["text_value"] if "due_date" in group else "9999"
    return place, due, group["status"]["fact_id"]


def _note_order(group: Group) -> tuple[int, str]:
    kind = group["kind"]["text_value"] if "kind" in group else ""
    place = NOTE_KINDS.index(kind) if kind in NOTE_KINDS else len(NOTE_KINDS)
    return place, next(iter(group.values()))["fact_id"]
