"""Records beside the clean rows: quarantined rows with their raw form, and what corrections changed."""

from collections.abc import Sequence
from itertools import groupby

import duckdb

from pipeline.clean.candidate import all_changes
from pipeline.clean.corrections import Change
from pipeline.clean.judge import EXAMPLES, examples_json, masked
from pipeline.clean.mapping import load_id_of_file
from pipeline.clean.outcome import Batch, LandedFile
from pipeline.clean.sql import ident, idents, text, texts

UNREADABLE = "unreadable"
# Rows that one statement inserts; a statement for each costs three times as much
_AT_ONCE = 50


def insert(cursor: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert a few rows of Python values into the first columns of the table; others that it has stay null."""
    if not rows:
        return
    described = cursor.execute(f"select * from {table} limit 0").description or []
    names = idents(str(column[0]) for column in described[: len(rows[0])])
    one = f"({', '.join('?' * len(rows[0]))})"
    for first in range(0, len(rows), _AT_ONCE):
        some = rows[first : first + _AT_ONCE]
        values = [value for row in some for value in row]
        cursor.execute(f"insert into {table} ({names}) values {', '.join([one] * len(some))}", values)


def write_quarantine(cursor: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Quarantined rows with rule, reason and the row as delivered, and lines that could not be read at all."""
    feed = batch.feed
    names = f"{text(feed.source)}, {text(feed.export)}, {text(feed.entity)}"
    files = " ".join(f"when {text(one.load_id)} then {text(one.file)}" for one in batch.deliveries)
    quarantined = {
        row[0]
        for row in cursor.execute(
            f"select distinct _load_id from {batch.work} where _outcome = 'quarantined'"
        ).fetchall()
    }
    holding = [one for one in batch.deliveries if one.load_id in quarantined]
    for columns, members in groupby(sorted(holding, key=lambda one: one.columns), key=lambda one: one.columns):
        cursor.execute(f"""
            insert into quarantine.rows
            select w._load_id, {names}, case w._load_id {files} end, w._source_row, w._row_id, w._rule, w._reason, r.raw
            from {batch.work} as w inner join ({_raw(columns, list(members))}) as r using (_load_id, _source_row)
            where w._outcome = 'quarantined' order by w._load_id, w._source_row
        """)
    for one in batch.deliveries:
        if one.rejected:
            cursor.execute(f"""
                insert into quarantine.rows
                select {text(one.load_id)}, {names}, {text(one.file)}, _source_row, {text(one.load_id)} || '-unreadable-' || line,
                    {text(UNREADABLE)}, reason, cast(to_json(struct_pack(line := line, raw := raw)) as VARCHAR)
                from read_parquet({text(one.folder / "rejects.parquet")}) order by line
            """)


def _raw(columns: tuple[str, ...], files: Sequence[LandedFile]) -> str:
    """The rows of these files as JSON, just as delivered."""
    cells = ", ".join(f"{ident(one)} := {ident(one)}" for one in columns)
    paths = texts(str(one.folder / "rows.parquet") for one in files)
    return (
        f"select {load_id_of_file()} as _load_id, _source_row, cast(to_json(struct_pack({cells})) as VARCHAR) as raw"
        f" from read_parquet([{paths}], filename = true)"
    )


def write_corrections(cursor: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """One record per delivery and rule that changed cells of clean rows, with examples before → after."""
    contract, feed = batch.contract, batch.feed
    changes = all_changes(contract, feed)
    if not changes:
        return
    counts = ", ".join(f"count(*) filter (where {one.is_changed})" for one in changes)
    by_load = cursor.execute(
        f"select _load_id, {counts} from {batch.work} where _outcome = 'clean' group by all order by all"
    ).fetchall()
    rows: list[tuple[object, ...]] = []
    for at, change in enumerate(changes, 1):
        if any(row[at] for row in by_load):
            examples = _examples(cursor, batch, change)
            rows += [
                (
                    row[0],
                    feed.source,
                    feed.export,
                    feed.entity,
                    change.rule,
                    change.column,
                    row[at],
                    examples[row[0]],
                    change.reason,
                )
                for row in by_load
                if row[at]
            ]
    insert(cursor, "ops.corrections", rows)


def _examples(cursor: duckdb.DuckDBPyConnection, batch: Batch, change: Change) -> dict[str, str]:
    """By delivery up to five before → after pairs as JSON, personal ones masked."""
    pair = f"coalesce(cast({change.before} as VARCHAR), '') || ' → ' || coalesce(cast({change.after} as VARCHAR), '')"
    rows = cursor.execute(
        f"select _load_id, list(distinct {pair} order by {pair})[:{EXAMPLES}] from {batch.work} where _outcome = 'clean' and {change.is_changed} group by all"
    ).fetchall()
    return {load_id: examples_json(masked(batch.contract, change.column, pairs)) for load_id, pairs in rows}
