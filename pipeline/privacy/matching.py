"""Finds the rows of a person among landed or quarantined rows: columns of text, an id of the row, and a list of hashes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from pipeline.privacy.cells import Cells, PersonColumn, Reading, erased
from pipeline.privacy.forgotten import Forgotten
from pipeline.privacy.sql import ident, text, texts

# What separates one word of an unreadable line from the next
_SEPARATORS = r"""[\s,;|:="'<>{}()\[\]]+"""


@dataclass(frozen=True)
class Rows:
    """SQL of rows: `columns` as text, and `id`, a column that names the row."""

    sql: str
    columns: tuple[str, ...]
    id: str


def readings_that_fit(connection: duckdb.DuckDBPyConnection, rows: Rows, readings: Sequence[Reading]) -> list[Reading]:
    """The readings without the columns that these rows cannot give; a reading that is left with none is left out."""
    fitting = []
    for one in readings:
        columns = tuple(column for column in one.columns if _binds(connection, rows, one.each, column.sql))
        if columns:
            fitting.append(Reading(one.namespace, columns, one.each, one.shared))
    return fitting


def matched_values(
    connection: duckdb.DuckDBPyConnection, rows: Rows, reading: Reading, forgotten: Forgotten
) -> dict[str, set[str]]:
    """By column what the mapping makes of cells that hold a forgotten key as delivered."""
    made: dict[str, set[str]] = {}
    for _, _, values, tokens in _matches(connection, rows, reading, forgotten):
        for column, value, token in zip(reading.columns, values, tokens, strict=True):
            if token and value:
                made.setdefault(column.column, set()).add(value)
    return made


def erased_rows(
    connection: duckdb.DuckDBPyConnection,
    rows: Rows,
    readings: Sequence[Reading],
    unread: Sequence[str],
    forgotten: Forgotten,
) -> dict[object, Cells]:
    """By row id the new cells of every row of a forgotten person; `unread` columns, which nothing is made of, go."""
    new: dict[object, Cells] = {}
    for reading in readings:
        for row, cells, values, tokens in _matches(connection, rows, reading, forgotten):
            standing = {name: new.get(row, {}).get(name, cell) for name, cell in cells.items()}
            known = new.setdefault(row, dict.fromkeys(unread))
            known.update(erased(reading, standing, values, tokens))
    return new


def cells_naming(connection: duckdb.DuckDBPyConnection, rows: Rows, forgotten: Forgotten) -> dict[object, Cells]:
    """By row id the cells, emptied, in which some word is a forgotten key: for rows nobody could take apart."""
    hashes = texts(key.hash for key in forgotten.keys)
    new: dict[object, Cells] = {}
    for name in rows.columns if hashes else ():
        words = f"unnest(string_split_regex({ident(name)}, {text(_SEPARATORS)}))"
        found = connection.execute(
            f"select distinct id from (select {ident(rows.id)} as id, {words} as word from ({rows.sql}))"
            f" where {forgotten.hash_sql('word')} in ({hashes})"
        )
        for row in found.fetchall():
            new.setdefault(row[0], {})[name] = None
    return new


def _matches(
    connection: duckdb.DuckDBPyConnection, rows: Rows, reading: Reading, forgotten: Forgotten
) -> Iterator[tuple[object, Cells, tuple[str | None, ...], list[str | None]]]:
    """Row id, the cells people are read from, the values made of them, and the token of each column that matched."""
    allowed = [forgotten.hashes(column.column, reading.namespace) for column in reading.columns]
    if not any(allowed):
        return
    names = sorted({name for column in reading.columns for name in column.reads if name in rows.columns})
    values = [f"{_value(column.sql)} as {ident(f'value {at}')}" for at, column in enumerate(reading.columns)]
    hits = [
        f"{_hit(column, at, hashes, rows, forgotten)} as {ident(f'hit {at}')}"
        for at, (column, hashes) in enumerate(zip(reading.columns, allowed, strict=True))
    ]
    any_hit = " or ".join(f"{ident(f'hit {at}')} is not null" for at in range(len(hits)))
    found = connection.execute(
        f"select * from (select *, {', '.join(hits)} from (select {ident(rows.id)}, {', '.join([*map(ident, names), *values])}"
        f" from ({_unnested(rows, reading.each)}))) where {any_hit}"
    ).fetchall()
    width = 1 + len(names)
    for row in found:
        made, hit = row[width : width + len(values)], row[width + len(values) :]
        tokens = [hashes.get(one) for hashes, one in zip(allowed, hit, strict=True)]
        yield row[0], dict(zip(names, row[1:width], strict=True)), made, tokens


def _hit(column: PersonColumn, at: int, hashes: Mapping[str, str], rows: Rows, forgotten: Forgotten) -> str:
    """The forgotten hash a column matches: of the value made, or of the one cell it is made from as delivered."""
    if not hashes:
        return "cast(null as VARCHAR)"
    tried = [ident(f"value {at}")]
    if len(column.reads) == 1 and column.reads <= set(rows.columns):
        tried += [ident(name) for name in column.reads]
    whens = [f"when {forgotten.hash_sql(one)} in ({texts(hashes)}) then {forgotten.hash_sql(one)}" for one in tried]
    return f"case {' '.join(whens)} end"


def _value(sql: str) -> str:
    # What a mapping cannot make of a row is that row's quarantine, and no reason to stop here
    return f"try(cast(({sql}) as VARCHAR))"


def _unnested(rows: Rows, each: str | None) -> str:
    if each is None:
        return rows.sql
    elements = f"try(from_json(cast(({each}) as VARCHAR), '[\"JSON\"]'))"
    return f"select *, cast(unnest({elements}) as VARCHAR) as each from ({rows.sql})"


def _binds(connection: duckdb.DuckDBPyConnection, rows: Rows, each: str | None, sql: str) -> bool:
    try:
        connection.execute(f"select {_value(sql)} from ({_unnested(rows, each)}) limit 0")
    except duckdb.Error:
        return False
    return True
