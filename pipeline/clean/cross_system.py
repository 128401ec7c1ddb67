"""Compares what two systems tell of the same thing, over the days both cover, and keeps the results in ops.

A difference is a warning, never a refusal: which of the two is right nobody here can know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from pipeline.clean.sql import ident
from pipeline.contracts import Contracts
from pipeline.errors import UserError
from pipeline.reconciliation import FILE, Comparison, Reconciliation, Side, Tolerance
from pipeline.warehouse import Warehouse

KINDS = ("cross_system", "cross_system_month")


@dataclass(frozen=True)
class Difference:
    """One comparison that does not agree, with the first month in which it does not (none where compared as a whole)."""

    check_id: str
    left_label: str
    right_label: str
    left_value: Decimal
    right_value: Decimal
    tolerance: Decimal
    reason: str
    first_month: str | None
    first_left: Decimal | None
    first_right: Decimal | None

    def __str__(self) -> str:
        apart = abs(self.left_value - self.right_value)
        said = (
            f"{self.check_id}: {self.left_label} {self.left_value:,.2f}, {self.right_label} {self.right_value:,.2f},"
            f" {apart:,.2f} apart, tolerance {self.tolerance:,.2f}"
        )
        first = f"; first in {self.first_month}: {self.first_left:,.2f} and {self.first_right:,.2f}"
        return f"{said}{first if self.first_month else ''}; {self.reason}"


def comparison_mistakes(
    connection: duckdb.DuckDBPyConnection, reconciliation: Reconciliation, contracts: Contracts
) -> list[UserError]:
    """SQL of comparisons that does not run; the connection has a clean table per contract, empty ones do."""
    mistakes = []
    for one in reconciliation.comparisons:
        for side in one.sides:
            try:
                connection.execute(_side_sql(one, side, contracts, date.min, date.max)).fetchone()
            except duckdb.Error as error:
                mistakes.append(_does_not_run(one, side, error))
    return mistakes


def _does_not_run(comparison: Comparison, side: Side, error: duckdb.Error) -> UserError:
    return UserError(
        "this comparison does not run",
        where=f"{FILE}, {comparison.id}, {side.label}",
        found=str(error).splitlines()[0],
        action="correct its SQL",
    )


def compare_systems(
    warehouse: Warehouse,
    reconciliation: Reconciliation,
    tolerances: Mapping[str, Tolerance | None],
    contracts: Contracts,
) -> int:
    """Write every comparison whose two sides are fed to ops.reconciliation; returns how many there are.

    `tolerances` are a company's own, by comparison; None: it does not compare these two.
    """
    compared = 0
    with warehouse.transaction() as cursor:
        cursor.execute(f"delete from ops.reconciliation where kind in {KINDS}")
        for one in reconciliation.comparisons:
            tolerance = tolerances.get(one.id, one.tolerance)
            coverage = _common_days(cursor, one)
            if tolerance is not None and coverage is not None:
                compared += 1
                _compare(cursor, one, tolerance, contracts, *coverage)
    return compared


def differences(connection: duckdb.DuckDBPyConnection) -> list[Difference]:
    """The comparisons that do not agree, as ops.reconciliation has them."""
    rows = connection.execute("""
        select r.check_id, r.left_label, r.right_label, r.left_value, r.right_value, r.tolerance, r.reason,
            m.period, m.left_value, m.right_value
        from ops.reconciliation as r
        left join ops.reconciliation as m
            on m.kind = 'cross_system_month' and not m.is_within and m.check_id = r.check_id || '/' || m.period
        where r.kind = 'cross_system' and not r.is_within
        qualify row_number() over (partition by r.check_id order by m.period) = 1
        order by r.check_id
    """).fetchall()
    return [Difference(*row) for row in rows]


def _common_days(cursor: duckdb.DuckDBPyConnection, comparison: Comparison) -> tuple[date | None, date | None] | None:
    """First and last day both sides cover, no days where they share none; None where a side is not fed at all."""
    row = cursor.execute(
        """
        with covered as (
            select entity, min(covered_from) as first_day, min(covered_to) as last_day from ops.source_status
            where entity in (?, ?) and status in ('current', 'stale') group by entity
        )
        select count(*), max(first_day), least(min(last_day), (select min(as_of) from ops.company)), bool_and(first_day is not null)
        from covered
        """,
        [comparison.left.entity, comparison.right.entity],
    ).fetchone()
    entities = {side.entity for side in comparison.sides}
    if row is None or row[0] < len(entities):
        return None
    first, last = row[1:3]
    if not row[3] or last is None or first > last:
        return None, None
    return first, last


def _compare(
    cursor: duckdb.DuckDBPyConnection,
    comparison: Comparison,
    tolerance: Tolerance,
    contracts: Contracts,
    first: date | None,
    last: date | None,
) -> None:
    if first is not None and last is not None and comparison.by == "month":
        first, last = _whole_months(cursor, first, last)
    if first is None or last is None:
        _insert_uncompared(cursor, comparison, "no_whole_month" if comparison.by == "month" else "no_common_days")
        return
    for name, side in (("left_side", comparison.left), ("right_side", comparison.right)):
        try:
            cursor.execute(
                f"create or replace temp table {name} as {_side_sql(comparison, side, contracts, first, last)}"
            )
        except duckdb.Error as error:
            raise _does_not_run(comparison, side, error) from None
    empty = [name for name in ("left", "right") if not _has_rows(cursor, f"{name}_side")]
    if empty:
        _insert_uncompared(cursor, comparison, "no_rows" if len(empty) == 2 else f"no_rows_{empty[0]}", first, last)
    else:
        _insert_compared(cursor, comparison, tolerance, first, last)
    cursor.execute("drop table temp.left_side; drop table temp.right_side")


def _whole_months(cursor: duckdb.DuckDBPyConnection, first: date, last: date) -> tuple[date | None, date | None]:
    """The months wholly inside the days: of one cut short neither side has said all."""
    row = cursor.execute(
        """
        select case when day(f) = 1 then f else last_day(f) + 1 end as first_whole,
            case when last_day(l) = l then l else date_trunc('month', l)::date - 1 end as last_whole
        from (select ?::date as f, ?::date as l)
        """,
        [first, last],
    ).fetchone()
    return (row[0], row[1]) if row and row[0] <= row[1] else (None, None)


def _side_sql(comparison: Comparison, side: Side, contracts: Contracts, first: date, last: date) -> str:
    """One row per period and part of a side: its value and how many rows it rests on."""
    day = f"cast({ident(side.date)} as DATE)"
    period = f"strftime({day}, '%Y-%m')" if comparison.by == "month" else "'all'"
    part = f"coalesce(cast({ident(comparison.per)} as VARCHAR), 'unknown')" if comparison.per else "''"
    rows = (
        f"({side.rows})"
        if side.rows
        else f"(select * from clean.{ident(contracts[side.entity].table)} where not _is_deleted)"
    )
    return (
        f"select {period} as period, {part} as part, cast(coalesce({side.value}, 0) as DECIMAL(18, 4)) as value, count(*) as rows"
        f" from {rows} as t where {day} between date '{first:%Y-%m-%d}' and date '{last:%Y-%m-%d}' and ({side.where or 'true'})"
        " group by 1, 2"
    )


def _has_rows(cursor: duckdb.DuckDBPyConnection, table: str) -> bool:
    return cursor.execute(f"select 1 from temp.{table} where rows > 0 limit 1").fetchone() is not None


def _insert_uncompared(
    cursor: duckdb.DuckDBPyConnection,
    comparison: Comparison,
    why: str,
    first: date | None = None,
    last: date | None = None,
) -> None:
    """A comparison that could not be made is told as such: silence would look like agreement."""
    cursor.execute(
        "insert into ops.reconciliation by name select ? as check_id, 'cross_system' as kind, ? as left_label,"
        " ? as right_label, ? as detail, 'all' as period, ?::date as first_day, ?::date as last_day, ? as reason",
        [comparison.id, comparison.left.label, comparison.right.label, why, first, last, comparison.reason],
    )


def _insert_compared(
    cursor: duckdb.DuckDBPyConnection, comparison: Comparison, tolerance: Tolerance, first: date, last: date
) -> None:
    """A row per month where months are compared, and one for the whole, which agrees when all its months do."""
    said = {
        "id": comparison.id, "left": comparison.left.label, "right": comparison.right.label, "reason": comparison.reason,
        "relative": tolerance.relative, "absolute": tolerance.absolute, "first": first, "last": last,
    }  # fmt: skip
    months = "" if comparison.by == "all" else f"union all by name {_MONTH_ROWS}"
    cursor.execute(f"{_PAIRED} insert into ops.reconciliation by name {_WHOLE_ROWS} {months}", said)


_BOUND = "cast(greatest($absolute, $relative * greatest(abs(left_value), abs(right_value))) as DECIMAL(18, 4))"
_LABELS = "$left as left_label, $right as right_label, $reason as reason"
_PAIRED = f"""
    with paired as (
        select coalesce(l.period, r.period) as period, coalesce(l.part, r.part) as part,
            coalesce(l.value, 0) as left_value, coalesce(r.value, 0) as right_value
        from temp.left_side as l full join temp.right_side as r on l.period = r.period and l.part = r.part
    ), judged as (
        select *, left_value - right_value as difference, {_BOUND} as tolerance,
            abs(left_value - right_value) <= {_BOUND} as is_within, $id || case when part = '' then '' else '/' || part end as check_id
        from paired
    ), whole as (
        select check_id, sum(left_value) as left_value, sum(right_value) as right_value, bool_and(is_within) as is_within
        from judged group by all
    )
"""
_WHOLE_ROWS = f"""
    select check_id, 'cross_system' as kind, {_LABELS}, left_value, right_value, left_value - right_value as difference,
        {_BOUND} as tolerance, is_within, 'all' as period, $first::date as first_day, $last::date as last_day
    from whole
"""
_MONTH_ROWS = f"""
    select check_id || '/' || period as check_id, 'cross_system_month' as kind, {_LABELS}, left_value, right_value, difference,
        tolerance, is_within, period, cast(period || '-01' as DATE) as first_day, last_day(cast(period || '-01' as DATE)) as last_day
    from judged
"""
