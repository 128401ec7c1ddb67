"""Which period a summary is about when nobody says."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from pipeline.errors import UserError
from pipeline.periods import Period, parse_period


@dataclass(frozen=True)
class DefaultPeriod:
    """A period, whether it is complete for the first headline KPI, and the sentence that says why it was taken."""

    period: Period
    is_complete: bool
    sentence: str


def default_period(connection: duckdb.DuckDBPyConnection, grain: str = "month") -> DefaultPeriod:
    """The newest period complete for the first headline KPI; else the newest it has a value for, else any KPI has."""
    row = connection.execute(
        """
        with ranked as (
            select s.kpi_id, s.period, s.period_start, s.is_complete, coalesce(s.kpi_id = h.kpi_id, false) as is_first
            from kpis.kpi_scorecard as s
            left join (select kpi_id from ops.headline order by rank limit 1) as h on s.kpi_id = h.kpi_id
            where s.grain = ? and s.dimension = 'all' and s.value is not null
        )
        select period, is_first, is_complete, kpi_id from ranked
        order by is_first desc, is_first and is_complete desc, period_start desc, kpi_id
        limit 1
        """,
        [grain],
    ).fetchone()
    fiscal = connection.execute("select fiscal_year_start from ops.company").fetchone()
    if row is None or fiscal is None:
        raise UserError(
            f"No KPI has a value for any {grain}, so there is no period to summarise.",
            where="period",
            found="empty KPI tables",
            expected=f"at least one {grain} with data",
            action="Load a source first, or check that its dates lie before the day counted to (--as-of).",
        )
    label, is_first, is_complete, kpi_id = row
    return DefaultPeriod(
        parse_period(label, fiscal[0]),
        bool(is_first and is_complete),
        _sentence(label, is_first, is_complete, kpi_id, grain),
    )


def _sentence(label: str, is_first: bool, is_complete: bool, kpi_id: str, grain: str) -> str:
    if is_first and is_complete:
        return f"Period {label}: the newest {grain} that is complete for {kpi_id}."
    if is_first:
        return f"Period {label}: no {grain} is complete for {kpi_id}; this is the newest it covers in part."
    return f"Period {label}: the first headline KPI has no value for any {grain}; this is the newest {kpi_id} covers."
