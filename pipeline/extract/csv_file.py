"""Reads one CSV file into Parquet: all text, values untouched, every row accounted for.

DuckDB reads. Where it refuses the file, or its row count differs from the tally, the careful reader sorts the good
records from the bad ones first and DuckDB reads what is good.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

import duckdb

from pipeline.errors import RefusedDelivery
from pipeline.extract.dialect import Head
from pipeline.extract.records import LONGEST_RECORD, LONGEST_RECORD_BYTES, TOO_LONG, Record, Records
from pipeline.extract.tally import count_records

ROWS, REJECTS = "rows.parquet", "rejects.parquet"
SOURCE_ROW = "_source_row"
_PARQUET = "(format parquet, compression zstd)"


@dataclass(frozen=True)
class Counts:
    """Data rows of one file: those in rows.parquet and those in rejects.parquet."""

    rows: int
    rejected: int


@dataclass(frozen=True)
class CsvFile:
    """A CSV file to be read: plain UTF-8 at `text`, shown to the user as `file`; `kept` are the columns to land."""

    text: Path
    file: str
    head: Head
    kept: tuple[str, ...]
    skip: int


def read_csv(connection: duckdb.DuckDBPyConnection, csv_file: CsvFile, folder: Path) -> Counts:
    """Write rows.parquet (the kept columns and _source_row) and, if any, rejects.parquet into `folder`."""
    head = csv_file.head
    expected = count_records(csv_file.text, head.data_offset, head.dialect.quote)
    if expected == 0:
        raise _header_only(csv_file.file)
    if not head.has_line_break_in_header:
        rows = _read_fast(connection, csv_file, folder)
        if rows == expected:
            return Counts(rows, 0)
    return _read_carefully(connection, csv_file, folder)


def _read_fast(connection: duckdb.DuckDBPyConnection, csv_file: CsvFile, folder: Path) -> int:
    """Rows read, or -1 when DuckDB will not take the file as it is."""
    source = _reader(csv_file.text, csv_file.head, f"skip = {csv_file.skip}", "header = true")
    # row_number() without an order numbers rows as they come, and DuckDB keeps the file's order for it
    query = f"select {_columns(csv_file.kept)}, row_number() over () as {SOURCE_ROW} from {source}"
    try:
        return _copy(connection, query, folder / ROWS)
    except duckdb.InvalidInputException:
        return -1


def _read_carefully(connection: duckdb.DuckDBPyConnection, csv_file: CsvFile, folder: Path) -> Counts:
    good, bad = folder / "good.csv", folder / "bad.jsonl"
    counts = _sort_out(csv_file, good, bad)
    if counts.rows == 0:
        raise _nothing_fits(csv_file, bad) if counts.rejected else _header_only(csv_file.file)
    rows = _read_numbered(connection, csv_file, good, folder, "parallel = true")
    if rows != counts.rows:
        rows = _read_numbered(connection, csv_file, good, folder, "parallel = false")
    if rows != counts.rows:
        raise _unreadable(csv_file.file, f"{counts.rows} rows, of which DuckDB reads {max(rows, 0)}")
    if counts.rejected:
        _copy(connection, f"from {_rejects_reader(bad)}", folder / REJECTS)
    good.unlink()
    bad.unlink()
    return counts


def _read_numbered(
    connection: duckdb.DuckDBPyConnection, csv_file: CsvFile, good: Path, folder: Path, option: str
) -> int:
    """Rows read, or -1. The parallel reader guesses where rows begin and refuses files whose cells look like rows;
    the other takes them, but holds the whole file in memory.
    """
    source = _reader(good, csv_file.head, "header = true", option, is_numbered=True)
    try:
        return _copy(connection, f"select {_columns(csv_file.kept)}, {SOURCE_ROW} from {source}", folder / ROWS)
    except duckdb.InvalidInputException:
        return -1


def _sort_out(csv_file: CsvFile, good: Path, bad: Path) -> Counts:
    """Good records go to one file, under a header and each led by its number; bad ones to another, with the reason."""
    head, width, rows, rejected = csv_file.head, len(csv_file.head.names), 0, 0
    lines = _lines(csv_file.text, csv_file.file, head.data_offset)
    with good.open("w", encoding="utf-8", newline="") as takes, bad.open("w", encoding="utf-8") as refuses:
        # DuckDB takes the first line break it sees, even a quoted one, for the file's: let it be this one
        takes.write(head.dialect.delimiter.join(["x"] * (width + 1)) + "\n")
        for number, record in enumerate(Records(lines, head.dialect), 1):
            reason = _mistake(record, width)
            if reason:
                rejected += 1
                raw = _without_line_end(record.raw)
                facts = {SOURCE_ROW: number, "line": head.lines + record.line, "raw": raw, "reason": reason}
                refuses.write(json.dumps(facts) + "\n")
            else:
                rows += 1
                takes.write(f"{number}{head.dialect.delimiter}{_without_line_end(record.readable)}\n")
    return Counts(rows, rejected)


def _lines(text: Path, file: str, offset: int) -> Iterator[str]:
    """Physical lines from a byte offset on; a line without end is refused before it fills the memory."""
    with text.open("rb") as stream:
        stream.seek(offset)
        with TextIOWrapper(stream, "utf-8", newline="") as lines:
            while line := lines.readline(LONGEST_RECORD_BYTES):
                if len(line) == LONGEST_RECORD_BYTES:
                    raise _unreadable(file, f"a line longer than {LONGEST_RECORD_BYTES:,} characters")
                yield line


def _mistake(record: Record, width: int) -> str:
    """Why a record is no row of `width` columns, or nothing. Surplus empty cells are a trailing delimiter."""
    if record.mistake:
        return record.mistake
    if len(record.raw) > LONGEST_RECORD:
        return TOO_LONG
    if len(record.cells) < width or any(record.cells[width:]):
        return f"{len(record.cells)} cells where the header has {width}"
    return ""


def _without_line_end(raw: str) -> str:
    return raw[:-2] if raw.endswith("\r\n") else raw.removesuffix("\n").removesuffix("\r")


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    """Write a query's rows as Parquet; returns how many there were."""
    counted = connection.execute(f"copy ({query}) to {_literal(str(target))} {_PARQUET}").fetchall()
    return int(counted[0][0])


def _reader(path: Path, head: Head, *options: str, is_numbered: bool = False) -> str:
    """A read_csv call that detects nothing: every option said, every cell text, empty cells as ''."""
    types = {SOURCE_ROW: "BIGINT"} if is_numbered else {}
    types |= dict.fromkeys(head.names, "VARCHAR")
    columns = ", ".join(f"{_literal(name)}: '{sql_type}'" for name, sql_type in types.items())
    quote = _literal(head.dialect.quote)
    said = [
        f"columns = {{{columns}}}",
        f"force_not_null = [{', '.join(map(_literal, head.names))}]",
        f"delim = {_literal(head.dialect.delimiter)}",
        f"quote = {quote}",
        f"escape = {quote}",
        "auto_detect = false",
        "strict_mode = true",
        "null_padding = false",
        "compression = 'none'",
        f"max_line_size = {LONGEST_RECORD_BYTES}",
        f"buffer_size = {4 * LONGEST_RECORD_BYTES}",
    ]
    return f"read_csv({_literal(str(path))}, {', '.join([*said, *options])})"


def _rejects_reader(path: Path) -> str:
    """One row per rejected record: its number, its first line in the file, its text and what is wrong with it."""
    columns = f"{{{SOURCE_ROW}: 'BIGINT', line: 'BIGINT', raw: 'VARCHAR', reason: 'VARCHAR'}}"
    # JSON escapes a character as six characters, twice for those beyond the basic plane
    size = f"maximum_object_size = {12 * LONGEST_RECORD_BYTES}"
    return f"read_json({_literal(str(path))}, format = 'newline_delimited', columns = {columns}, {size})"


def _columns(names: tuple[str, ...]) -> str:
    return ", ".join('"' + name.replace('"', '""') + '"' for name in names)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _header_only(file: str) -> RefusedDelivery:
    return RefusedDelivery(
        "the file has a header and no rows",
        where=file,
        found="0 data rows",
        expected="at least one",
        action="have it delivered again, or remove it",
    )


def _nothing_fits(csv_file: CsvFile, bad: Path) -> RefusedDelivery:
    with bad.open(encoding="utf-8") as lines:
        first = json.loads(lines.readline())
    return RefusedDelivery(
        "no row fits the header",
        where=f"{csv_file.file}, line {first['line']}",
        found=first["reason"],
        expected=f"{len(csv_file.head.names)} cells between {csv_file.head.dialect.delimiter!r}",
        action="have it delivered again, or correct read.delimiter, read.quote or read.skip",
    )


def _unreadable(file: str, found: str) -> RefusedDelivery:
    return RefusedDelivery(
        "the file cannot be read without loss",
        where=file,
        found=found,
        expected="CSV",
        action="correct read: in the connector, or have it delivered again",
    )
