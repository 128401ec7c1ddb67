"""truth.json: what is known of a sample because it was planted or computed from the rows before dirt.

Counts and sums come from the generator's own tables, by SQL written from the definitions alone: the pipeline's
models are checked against them, so they may never be used here.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.sample.exports import SOURCES
from pipeline.sample.kinds import KINDS

# More ids than this of one kind and file are only counted
MOST_IDS = 1000
ABOUT = (
    "kpis: KPI, grain, dimension, member, period: [numerator, denominator, value], the first two exact decimals as text. "
    "Days and weeks have totals alone (dimension and member all), longer periods all members. Every period has its total, "
    "a member only the periods in which something of it was counted. retention_cohorts: subject, grain, cohort: [size, "
    "active at each age, number of ages whose period is over]. Periods are business days in the company's zone; so are the "
    "calendar months of sums, which are counts and sums of rows by their business date. "
    "Rows planted as quarantined are left out. rows_read = clean + quarantined + duplicate + superseded; "
    "rows_replaced of the clean ones took the place of rows delivered before, and rows_replaced_later give way to a "
    "later delivery. So it is when every delivery is loaded before the next comes; loaded all at once, "
    "rows_replaced_later of the clean ones are superseded instead and none is replaced. expected_exit_code is always "
    "0: rows in quarantine stay below max_quarantined in every delivery, and so are a warning even where the rule "
    "they fail is critical (is_critical)."
)
_COUNTS = (
    "rows_read",
    "rows_clean",
    "rows_quarantined",
    "rows_duplicate",
    "rows_superseded",
    "rows_replaced",
    "rows_replaced_later",
)


@dataclass(frozen=True)
class Lines:
    """Names and what is said of each as JSON text, of which each has a line."""

    texts: list[tuple[str, str]]


def write_truth(connection: duckdb.DuckDBPyConnection, path: Path, arguments: dict[str, Any]) -> dict[str, int]:
    """Write the file; returns the rows delivered per entity."""
    entities = _entities(connection)
    first, last = _fetch(connection, "select min(day), max(day) from days")[0]
    truth = {
        "about": ABOUT,
        "arguments": arguments,
        "expected_exit_code": 0,
        "as_of": last.isoformat(),
        "covered_from": first.isoformat(),
        "covered_to": last.isoformat(),
        "kpis": _kpis(connection),
        "retention_cohorts": _cohorts(connection),
        "sums": _sums(connection),
        "actions": _actions(connection),
        "unpaid_orders": _unpaid_orders(connection),
        "entities": entities,
        "deliveries": _deliveries(connection),
        "planted": _planted(connection),
    }
    path.write_text(_written(truth), encoding="utf-8")
    return {entity: counts["rows_read"] for entity, counts in entities.items()}


def _written(truth: dict[str, Any]) -> str:
    """JSON; what is JSON already, by name, gets a line for each name."""
    parts = [f"{json.dumps(name)}: {_part(value)}" for name, value in truth.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _part(value: Any) -> str:
    if isinstance(value, Lines):
        return "{\n" + ",\n".join(f"{json.dumps(name)}: {text}" for name, text in value.texts) + "\n}"
    return json.dumps(value, indent=1, ensure_ascii=False)


def _kpis(connection: duckdb.DuckDBPyConnection) -> Lines:
    """KPI → grain → dimension → member → period → [numerator, denominator, value]."""
    return Lines(_fetch(connection, "select kpi_id, cells from kpi_texts order by kpi_id"))


def _cohorts(connection: duckdb.DuckDBPyConnection) -> Lines:
    """Subject → grain → cohort → [size, active by age, number of ages that are mature]."""
    subjects: dict[str, Any] = {}
    rows = _fetch(
        connection,
        """
        select subject, grain, cohort, size, list(active order by age), count(*) filter (where is_mature)
        from cohorts group by all order by subject, grain, cohort
        """,
    )
    for subject, grain, cohort, *kept in rows:
        subjects.setdefault(subject, {}).setdefault(grain, {})[cohort] = kept
    return Lines([(subject, json.dumps(cohorts)) for subject, cohorts in subjects.items()])


def _sums(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Entity → measure → {all, months}: exact decimals as text."""
    sums: dict[str, Any] = {}
    rows = _fetch(connection, "select entity, measure, span, total from sum_truth order by all")
    for entity, measure, span, total in rows:
        said = sums.setdefault(entity, {}).setdefault(measure, {"all": None, "months": {}})
        if span == "all":
            said["all"] = str(total)
        else:
            said["months"][span] = str(total)
    return sums


def _unpaid_orders(connection: duckdb.DuckDBPyConnection) -> dict[str, Any] | None:
    """The month in which orders and payments differ, because the payment service lost what it received on five days."""
    lost = _fetch(
        connection,
        "select strftime(min(received_local), '%Y-%m'), count(*), sum(amount) from payments where is_lost having count(*) > 0",
    )
    return (
        dict(zip(("month", "payments", "amount"), (lost[0][0], lost[0][1], str(lost[0][2])), strict=True))
        if lost
        else None
    )


def _actions(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The action that worked: planted and observed conversion of its channel and of its control, before and after."""
    day, effect = _fetch(connection, "select getvariable('action_day'), getvariable('action_effect')::double")[0]
    rows = _fetch(
        connection,
        """
        select channel, case when is_after then 'after' else 'before' end, sum(sessions)::bigint, sum(buying)::bigint,
            round((sum(chances) / sum(sessions))::double, 6)
        from action_totals group by all order by all
        """,
    )
    observed: dict[str, Any] = {}
    for channel, when, sessions, buying, chance in rows:
        observed.setdefault(channel, {})[when] = {
            "sessions": sessions,
            "buying_sessions": buying,
            "mean_chance": chance,
        }
    return [
        {
            "action_id": "A-03",
            "kpi_id": "session_conversion_rate",
            "dimension": "channel",
            "member": "paid_search",
            "control_member": "organic_search",
            "from": day,
            "planted_effect": effect,
            "observed": observed,
        }
    ]


def _entities(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    sums = ", ".join(f"sum({name})::bigint" for name in _COUNTS)
    rows = _fetch(connection, f"select entity, {sums} from deliveries group by all order by all")
    return {row[0]: {**dict(zip(_COUNTS, row[1:], strict=True)), "rows_standing": row[2] - row[6]} for row in rows}


def _deliveries(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """One entry per file, named without .csv or .csv.gz."""
    names = ("file", "entity", *_COUNTS)
    rows = _fetch(
        connection,
        f"select export, file, {', '.join(names[1:])} from deliveries order by entity, file",
    )
    return [dict(zip(names, (f"{SOURCES[row[0]]}/{row[1]}", *row[2:]), strict=True)) for row in rows]


def _planted(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """One entry per export, file and kind of dirt, with the ids of the rows it hit and whether they fail a critical rule."""
    critical = {(export, kind.name) for export, kinds in KINDS.items() for kind in kinds if kind.is_critical}
    rows = _fetch(
        connection,
        f"""
        select export, file, kind, outcome, count(*), list(row_key order by row_no)[:{MOST_IDS}]
        from planted group by all order by export, file, kind
        """,
    )
    names = ("export", "file", "kind", "outcome", "rows", "ids")
    return [{**dict(zip(names, row, strict=True)), "is_critical": (row[0], row[2]) in critical} for row in rows]


def _fetch(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()
