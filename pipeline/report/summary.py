"""The summary of one period: facts, statements and an edition on disk, from the published tables of one connection."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipeline.periods import Period
from pipeline.report.document import make_document, read_catalog, read_facts
from pipeline.report.edition import Edition, write_edition
from pipeline.report.facts import build_facts
from pipeline.report.statements import Statement, choose_statements, write_statements


@dataclass(frozen=True)
class SummaryResult:
    """Where a summary lies. `edition` is None for a draft; `is_new` says whether this call wrote it."""

    path: Path
    edition: int | None
    is_final: bool
    is_new: bool
    period: Period


def make_summary(
    connection: duckdb.DuckDBPyConnection,
    period: Period,
    reports_dir: Path,
    languages: Sequence[str],
    run_id: str,
    made_at: date,
) -> SummaryResult:
    """Facts and statements to schema report, the edition to reports_dir. `made_at` is shown, and is no fact."""
    make_report(connection, period, run_id)
    return write_summary(connection, period, reports_dir, languages, made_at)


def make_report(connection: duckdb.DuckDBPyConnection, period: Period, run_id: str) -> int:
    """The period's facts and statements to schema report, in place of those it held; returns the number of facts."""
    build_facts(connection, period, run_id)
    facts = read_facts(connection, period)
    write_statements(connection, period, _statements(connection, period, facts))
    return len(facts)


def write_summary(
    connection: duckdb.DuckDBPyConnection, period: Period, reports_dir: Path, languages: Sequence[str], made_at: date
) -> SummaryResult:
    """The edition of the facts that `make_report` left, to reports_dir."""
    company, facts = read_company(connection), read_facts(connection, period)
    statements = _statements(connection, period, facts)
    document = make_document(company, period, facts, statements, read_catalog(connection))
    is_final = company["as_of"] >= period.end + timedelta(days=company["settling_days"])
    edition = write_edition(reports_dir, document, languages, is_final=is_final, made_at=made_at)
    _record(connection, period, edition)
    return SummaryResult(edition.path, edition.number, is_final, edition.is_new, period)


def _statements(connection: duckdb.DuckDBPyConnection, period: Period, facts: list[dict[str, Any]]) -> list[Statement]:
    headline = [row[0] for row in connection.execute("select kpi_id from ops.headline order by rank").fetchall()]
    return choose_statements(period, facts, headline, read_catalog(connection))


def read_company(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The row of ops.company."""
    columns = ("name", "currency", "fiscal_year_start", "as_of", "settling_days")
    row = connection.execute(f"select {', '.join(columns)} from ops.company").fetchone()
    if row is None:
        raise LookupError("ops.company is empty: the stages before the report write it")
    return dict(zip(columns, row, strict=True))


def _record(connection: duckdb.DuckDBPyConnection, period: Period, edition: Edition) -> None:
    """Put a final edition into report.editions; the files are the truth, the table is their list."""
    if edition.number is None:
        return
    details = edition.document["edition"]
    connection.execute(
        "delete from report.editions where summary_grain = ? and summary_period = ? and edition = ?",
        [period.grain, period.label, edition.number],
    )
    connection.execute(
        "insert into report.editions values (?, ?, ?, ?, ?, ?)",
        [
            period.grain, period.label, edition.number, details["identity"], details["made_at"],
            json.dumps([change["fact_id"] for change in details["restated"]]),
        ],
    )  # fmt: skip
