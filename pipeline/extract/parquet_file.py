"""Reads a Parquet file into Parquet of text: every value exactly, nested ones as JSON.

Times with a zone land in UTC with their offset (+00), decimals with all their digits (within nested values as JSON
texts, for a JSON number would lose them), bytes that are no text as hexadecimal digits.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from duckdb.sqltypes import DuckDBPyType

from pipeline.connector import Read
from pipeline.errors import RefusedDelivery
from pipeline.extract.reader import ROWS, SOURCE_ROW, Counts, Reader
from pipeline.extract.structured import first_line, identifier, literal, no_rows, not_for, unreadable, write_parquet

# Of more digits DuckDB makes a double
_MOST_DIGITS = 38
_NESTED = ("struct", "list", "map")
_NOT_FOR_PARQUET = ("skip", "header", "names", "footer", "not_rows", "records")


def open_parquet(cursor: duckdb.DuckDBPyConnection, path: Path, file: str, read: Read, work: Path) -> Reader:
    """Read the file's schema; raises RefusedDelivery for a damaged file, no rows, and columns that cannot be told."""
    said = [option for option in _NOT_FOR_PARQUET if getattr(read, option)]
    if said:
        raise not_for("Parquet", file, said)
    source = _source(path)
    try:
        relation = cursor.sql(f"from {source}")
        types = dict(zip(relation.columns, relation.types, strict=True))
        _check_schema(cursor, path, file, tuple(types))
        ((rows,),) = cursor.execute(f"select count(*) from {source}").fetchall()
        expressions = {name: _as_text(cursor, source, name, of) for name, of in types.items()}
    except duckdb.Error as error:
        raise _damaged(file, error) from None
    if rows == 0:
        raise no_rows(file, "rows")
    return _ParquetFile(tuple(types), path, file, rows, expressions)


@dataclass(frozen=True)
class _ParquetFile:
    """A Parquet file whose schema is known; `expressions` are its columns as text."""

    names: tuple[str, ...]
    _path: Path
    _file: str
    _rows: int
    _expressions: dict[str, str]
    margin: tuple[str, ...] = ()
    used: dict[str, Any] = field(default_factory=dict)

    def write(self, cursor: duckdb.DuckDBPyConnection, columns: tuple[str, ...], folder: Path) -> Counts:
        """Write these columns of all rows; raises RefusedDelivery where a page of the file is damaged."""
        cells = "".join(f"{self._expressions[name]} as {identifier(name)}, " for name in columns)
        # row_number() without an order numbers rows as they come, and DuckDB keeps the file's order for it
        query = f"select {cells}row_number() over () as {SOURCE_ROW} from {_source(self._path)}"
        try:
            rows = write_parquet(cursor, query, folder / ROWS)
        except duckdb.Error as error:
            if self._can_be_read(cursor, columns):
                raise
            raise _damaged(self._file, error) from None
        if rows != self._rows:
            raise unreadable(self._file, f"{self._rows} rows, of which DuckDB reads {rows}", "a Parquet file")
        return Counts(rows, 0)

    def _can_be_read(self, cursor: duckdb.DuckDBPyConnection, columns: tuple[str, ...]) -> bool:
        """Tells a damaged file from a full disk, whose errors look alike."""
        # Not min or max, which the file's own statistics answer
        cells = ", ".join(f"bit_xor(hash({self._expressions[name]}))" for name in columns)
        try:
            cursor.execute(f"select {cells} from {_source(self._path)}").fetchall()
        except duckdb.Error:
            return False
        return True


def _source(path: Path) -> str:
    """The file alone: no columns from the names of its folders."""
    return f"read_parquet({literal(str(path))}, hive_partitioning = false)"


def _check_schema(cursor: duckdb.DuckDBPyConnection, path: Path, file: str, read_as: tuple[str, ...]) -> None:
    """Columns must be called as DuckDB calls them, which renames twins, and decimals be no wider than it holds."""
    query = f"select name, coalesce(num_children, 0), coalesce(precision, 0) from parquet_schema({literal(str(path))})"
    elements = cursor.execute(query).fetchall()
    names = _top_level([(name, children) for name, children, _ in elements])
    folded = [name.lower() for name in names]
    if names != read_as or "" in names:
        twins = [name for name in names if not name or folded.count(name.lower()) > 1]
        raise RefusedDelivery(
            "the file has a name twice",
            where=file,
            found=", ".join(twins or names),
            expected="names that differ in more than case",
            action="have the columns renamed at the source",
        )
    wide = [name for name, _, precision in elements if precision > _MOST_DIGITS]
    if wide:
        raise unreadable(file, f"{wide[0]}, a decimal of more than {_MOST_DIGITS} digits", "narrower decimals, or text")


def _top_level(elements: list[tuple[str, int]]) -> tuple[str, ...]:
    """Names of the columns; the schema lists every element before its children, the whole first."""
    names: list[str] = []
    inside = 0
    for name, children in elements[1:]:
        if inside:
            inside -= 1
        else:
            names.append(name)
        inside += children
    return tuple(names)


def _as_text(cursor: duckdb.DuckDBPyConnection, source: str, name: str, of: DuckDBPyType) -> str:
    """SQL of a column's values as text."""
    column = identifier(name)
    if of.id in _NESTED:
        return f"case when {column} is not null then to_json({column}::{_exact(of)})::varchar end"
    if of.id != "blob":
        return f"{column}::varchar"
    # Older writers do not say which bytes are text
    query = f"select coalesce(bool_and({column} is null or try(decode({column})) is not null), true) from {source}"
    ((is_text,),) = cursor.execute(query).fetchall()
    return f"decode({column})" if is_text else f"lower(hex({column}))"


def _exact(of: DuckDBPyType) -> str:
    """The type, with text where JSON would give another number, or none."""
    inner = (
        [(name, _exact(child)) for name, child in of.children if isinstance(child, DuckDBPyType)]
        if of.id in _NESTED
        else []
    )
    if of.id == "struct":
        return "struct(" + ", ".join(f"{identifier(name)} {child}" for name, child in inner) + ")"
    if of.id == "list":
        return f"{inner[0][1]}[]"
    if of.id == "map":
        return f"map(varchar, {inner[1][1]})"
    return "varchar" if of.id in ("decimal", "float", "blob") else str(of)


def _damaged(file: str, error: Exception) -> RefusedDelivery:
    return RefusedDelivery(
        "the Parquet file is damaged",
        where=file,
        found=first_line(error),
        expected="a complete Parquet file",
        action="have it delivered again",
    )
