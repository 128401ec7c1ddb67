"""What deliveries have to account for, read straight from landing: a control for all that is done row by row.

Here belong counts and sums of what came; what became of it is counted in commit.py.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

import duckdb

from pipeline.clean.candidate import mapped_sql, text_column, type_column
from pipeline.clean.casts import cast_sql, mapped_form_sql
from pipeline.clean.mapping import array_lengths_sql
from pipeline.clean.outcome import Batch
from pipeline.clean.sql import ident, idents
from pipeline.sources import Feed

Landed = Sequence[tuple[Feed, str]]


def delivered_rows(cursor: duckdb.DuckDBPyConnection, batch: Batch, landed: Landed) -> dict[str, int]:
    """By load id the rows landed, after each and distinct; lines that could not be read are not among them."""
    if batch.feed.mapping.distinct:
        return _by_load(cursor, [_distinct_sql(rows, feed) for feed, rows in landed])
    if batch.feed.mapping.each is not None:
        groups = groupby(sorted(batch.deliveries, key=lambda one: one.columns), key=lambda one: one.columns)
        return _by_load(cursor, [
            array_lengths_sql([one.folder / "rows.parquet" for one in members], columns, batch.feed)
            for columns, members in groups
        ])  # fmt: skip
    return {one.load_id: one.rows for one in batch.deliveries}


def delivered_money(cursor: duckdb.DuckDBPyConnection, name: str, landed: Landed) -> dict[str, Decimal]:
    """By load id the sum of a column of money over all rows delivered, before anything is corrected."""
    found: dict[str, Decimal] = {}
    for feed, rows in landed:
        form = mapped_form_sql(f"trim({ident(text_column(name))})", ident(type_column(name)), "money", feed)
        sums = f"select _load_id, coalesce(sum({cast_sql(form, 'null', 'money', feed)}), 0) from ({mapped_sql(rows, feed)}) group by all"
        found |= {str(load_id): Decimal(value) for load_id, value in cursor.execute(sums).fetchall()}
    return found


def _by_load(cursor: duckdb.DuckDBPyConnection, counts: Sequence[str]) -> dict[str, int]:
    return {str(load_id): int(count) for sql in counts for load_id, count in cursor.execute(sql).fetchall()}


def _distinct_sql(rows: str, feed: Feed) -> str:
    """Counts of what distinct leaves, found by distinct itself, where the mapping groups."""
    plain = feed.model_copy(update={"mapping": feed.mapping.model_copy(update={"distinct": False})})
    cells = idents(text_column(name) for name in feed.mapping.columns)
    alone = "case when _fault is not null then concat_ws('-', _source_row, _element) end"
    unlike = f"select distinct _load_id, _belongs, _gone, _fault, {cells}, {alone} from ({mapped_sql(rows, plain)})"
    return f"select _load_id, count(*) from ({unlike}) group by all"
