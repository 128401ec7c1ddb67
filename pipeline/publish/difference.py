"""What the published file does not hold as the warehouse has it: of a dated table by day, for copying costs ten times telling."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pipeline.publish.catalog import Relation, quoted

if TYPE_CHECKING:
    import duckdb

Day = date | None


@dataclass(frozen=True)
class Change:
    """A relation of which rows of these days differ: `rows` of `of`, both sides counted; without dates all of it is copied."""

    relation: Relation
    dated_by: str | None
    days: tuple[Day, ...]
    rows: int
    of: int

    @property
    def is_most(self) -> bool:
        return 2 * self.rows > self.of


def changes(
    cursor: "duckdb.DuckDBPyConnection", warehouse: str, published: str, relations: Sequence[Relation]
) -> list[Change]:
    """The relations, alike on both sides but for their rows, that differ in these."""
    compared = (_compared(cursor, warehouse, published, one) for one in relations)
    return [one for one in compared if one.days]


def _compared(cursor: "duckdb.DuckDBPyConnection", warehouse: str, published: str, relation: Relation) -> Change:
    dated_by = next((column.name for column in relation.columns if column.sql_type == "DATE"), None)
    new = _digests(cursor, warehouse, relation, dated_by)
    old = _digests(cursor, published, relation, dated_by)
    days = tuple(day for day in {**old, **new} if old.get(day) != new.get(day))
    if dated_by:
        rows = sum(side[day][0] for day in days for side in (old, new) if day in side)
    else:
        rows = _apart(cursor, warehouse, published, relation) if days else 0
    return Change(relation, dated_by, days, rows, sum(counted for side in (old, new) for counted, _ in side.values()))


def _apart(cursor: "duckdb.DuckDBPyConnection", warehouse: str, published: str, relation: Relation) -> int:
    """Rows that one side has and the other has not."""
    new, old = (f"(select hash(t) from {relation.within(side)} as t)" for side in (warehouse, published))
    query = f"select (select count(*) from ({new} except all {old})) + (select count(*) from ({old} except all {new}))"
    return int(cursor.execute(query).fetchall()[0][0])


def _digests(
    cursor: "duckdb.DuckDBPyConnection", database: str, relation: Relation, dated_by: str | None
) -> dict[Day, tuple[int, int]]:
    """By day the rows and the sum of their hashes: the same rows in another order are the same content."""
    day = f"t.{quoted(dated_by)}" if dated_by else "cast(null as date)"
    query = f"select {day}, count(*), sum(cast(hash(t) as hugeint)) from {relation.within(database)} as t group by 1"
    return {found: (counted, total) for found, counted, total in cursor.execute(query).fetchall()}
