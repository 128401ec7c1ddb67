"""truth.json: what is known of a sample because it was planted or computed from the rows before dirt.

Counts and sums come from the generator's own tables, by SQL written from the definitions alone: the pipeline's
models are checked against them, so they may never be used here.
"""

import json
from pathlib import Path
from typing import Any

import duckdb

from pipeline.sample.exports import SOURCES
from pipeline.sample.kinds import KINDS

# More ids than this of one kind and file are only counted
MOST_IDS = 1000
ABOUT = (
    "Numerators and denominators are exact decimals as text. A KPI's periods are calendar months of business days in "
    "the company's zone, and all; so are those of sums, which are counts and sums of rows by their business date. "
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


def write_truth(connection: duckdb.DuckDBPyConnection, path: Path, arguments: dict[str, Any]) -> dict[str, int]:
    """Write the file; returns the rows delivered per entity."""
    entities = _entities(connection)
    first, last = _fetch(connection, "select min(first_day), max(last_day) from spans")[0]
    truth = {
        "about": ABOUT,
        "arguments": arguments,
        "expected_exit_code": 0,
        "as_of": last.isoformat(),
        "covered_from": first.isoformat(),
        "covered_to": last.isoformat(),
        "kpis": _kpis(connection),
        "sums": _sums(connection),
        "actions": _actions(connection),
        "unpaid_orders": _unpaid_orders(connection),
        "entities": entities,
        "deliveries": _deliveries(connection),
        "planted": _planted(connection),
    }
    path.write_text(json.dumps(truth, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return {entity: counts["rows_read"] for entity, counts in entities.items()}


def _kpis(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """KPI → {all, months}, each with numerator, denominator and value."""
    kpis: dict[str, Any] = {}
    rows = _fetch(connection, "select kpi_id, span, numerator, denominator, value from kpi_truth order by kpi_id, span")
    for kpi_id, span, numerator, denominator, value in rows:
        cell = {"numerator": _exact(numerator), "denominator": _exact(denominator), "value": value}
        kpi = kpis.setdefault(kpi_id, {"all": None, "months": {}})
        if span == "all":
            kpi["all"] = cell
        else:
            kpi["months"][span] = cell
    return kpis


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


def _exact(number: Any) -> str | None:
    return None if number is None else str(number)


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
