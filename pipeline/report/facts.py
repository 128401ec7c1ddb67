"""Facts: every number and text a summary may state, each with a query that finds it again in the published tables."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipeline.periods import Period, period_of

HISTORY_PERIODS = 13
TREND_GRAIN = {"week": "day", "month": "day", "quarter": "week", "year": "week"}
TREND_PERIODS = {"week": 5, "month": 2, "quarter": 2, "year": 1}
FOUND_BY = (
    "metrics", "counted", "goals", "points", "unmeasured", "sources", "quality", "refusals", "quarantine", "schema",
    "corrections", "checks", "reconciliation", "actions", "notes",
)  # fmt: skip

_SQL = Path(__file__).parent / "sql"
_FOUND = """
    create or replace temp table found (
        section varchar, kpi_id varchar, grain varchar, period varchar, dimension varchar, member varchar,
        field varchar, value double, text_value varchar, unit varchar,
        numerator decimal(18, 4), denominator decimal(18, 4),
        definition_version integer, source_status varchar, query varchar, sources varchar, from_day date, to_day date
    )
"""


def build_facts(connection: duckdb.DuckDBPyConnection, period: Period, run_id: str) -> None:
    """Write the period's facts to report.facts, in place of those it held for the period.

    Whole or not at all where the caller holds a transaction. Its temporary tables `asked` and `found` are replaced.
    """
    _ask(connection, period)
    connection.execute(_FOUND)
    for name in FOUND_BY:
        connection.execute(f"insert into found by name {_read(name)}")
    connection.execute(
        "delete from report.facts where summary_grain = ? and summary_period = ?", [period.grain, period.label]
    )
    connection.execute(_read("finish"), {"run_id": run_id})
    connection.execute("drop table temp.found")
    connection.execute("drop table temp.asked")


def trend_periods(period: Period) -> list[Period]:
    """The finer periods a trend chart shows, oldest first: those of the period and of the ones before it."""
    grain = TREND_GRAIN[period.grain]
    point = period_of(period.back(TREND_PERIODS[period.grain])[0].start, grain, period.fiscal_year_start)
    points = []
    while point.start <= period.end:
        points.append(point)
        point = point.next
    return points


def _ask(connection: duckdb.DuckDBPyConnection, period: Period) -> None:
    connection.execute("create or replace temp macro literal(x) as '''' || replace(x, '''', '''''') || ''''")
    connection.execute("create or replace temp macro id_part(x) as replace(replace(x, '%', '%25'), '/', '%2F')")
    connection.execute(
        """
        create or replace temp table asked as
        select
            $grain as grain, $period as period, $start::date as period_start, $end::date as period_end,
            $history::date as history_start, $trend_grain as trend_grain, $trend::date as trend_start, as_of
        from ops.company
        """,
        {
            "grain": period.grain,
            "period": period.label,
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "history": period.back(HISTORY_PERIODS)[0].start.isoformat(),
            "trend_grain": TREND_GRAIN[period.grain],
            "trend": trend_periods(period)[0].start.isoformat(),
        },
    )


def _read(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")
