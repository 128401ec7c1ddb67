"""What the readers of JSON, workbooks and Parquet share: SQL texts, writing Parquet, and what they refuse alike."""

from pathlib import Path

import duckdb

from pipeline.errors import RefusedDelivery
from pipeline.extract.reader import PARQUET, REJECTS, SOURCE_ROW

# What DuckDB takes for one JSON object unless told otherwise; its buffers are twice as large
USUAL_OBJECT_BYTES = 16 << 20
# What read: says of text and sheets alone, where a header is looked for
OF_TABLES = ("skip", "header", "names", "footer", "not_rows")


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as SQL writes it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def write_parquet(cursor: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    """Write a query's rows as Parquet; returns how many there were."""
    counted = cursor.execute(f"copy ({query}) to {literal(str(target))} {PARQUET}").fetchall()
    return int(counted[0][0])


def write_rejects(cursor: duckdb.DuckDBPyConnection, lines: Path, longest: int, folder: Path) -> int:
    """REJECTS from JSON lines that hold its columns, the longest of so many bytes; returns how many there were."""
    columns = f"{{{SOURCE_ROW}: 'BIGINT', line: 'BIGINT', raw: 'VARCHAR', reason: 'VARCHAR'}}"
    size = max(USUAL_OBJECT_BYTES, longest + 1)
    source = f"read_json({literal(str(lines))}, format = 'newline_delimited', columns = {columns}, maximum_object_size = {size})"
    return write_parquet(cursor, f"from {source}", folder / REJECTS)


def first_line(error: Exception) -> str:
    """What went wrong, without the advice DuckDB adds in further lines."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def unreadable(file: str, found: str, expected: str) -> RefusedDelivery:
    return RefusedDelivery(
        "the file cannot be read without loss",
        where=file,
        found=found,
        expected=expected,
        action="have it delivered again, or correct read: in the connector",
    )


def no_rows(file: str, expected: str) -> RefusedDelivery:
    return RefusedDelivery(
        "the file holds no rows",
        where=file,
        found="0 rows",
        expected=expected,
        action="have it delivered again, or remove it",
    )


def not_for(format_name: str, file: str, options: list[str]) -> RefusedDelivery:
    return RefusedDelivery(
        f"reading options that {format_name} has no use for",
        where=file,
        found=", ".join(f"read.{option}" for option in options),
        expected="options of the format",
        action="take them out of the connector, or give these files an export of their own",
    )
