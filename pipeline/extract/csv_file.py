"""Reads one CSV file into Parquet: all text, values untouched, every row accounted for.

DuckDB reads. Where it refuses the file, or its row count differs from the tally, the careful reader sorts the good
records from the bad ones first and DuckDB reads what is good.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.connector import Read
from pipeline.errors import RefusedDelivery
from pipeline.extract.dialect import Head, read_head
from pipeline.extract.footer import Body, Cut, body_alone
from pipeline.extract.margin import Ends, physical_lines
from pipeline.extract.reader import PARQUET, REJECTS, ROWS, SOURCE_ROW, Counts, not_rows_notes
from pipeline.extract.records import LONGEST_RECORD, LONGEST_RECORD_BYTES, TOO_LONG, Record, Records
from pipeline.extract.structured import not_for
from pipeline.extract.tally import count_records

_OTHER_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class CsvReader:
    """An opened CSV file, shown to the user as `file`; a Reader."""

    file: str
    head: Head
    cut: Cut

    @property
    def body(self) -> Body:
        return self.cut.body

    @property
    def names(self) -> tuple[str, ...]:
        return self.head.names

    @property
    def margin(self) -> tuple[str, ...]:
        return self.head.preamble + self.cut.not_rows.lines + self.cut.footer.lines

    @property
    def used(self) -> dict[str, Any]:
        return {
            "delimiter": self.head.dialect.delimiter,
            "quote": self.head.dialect.quote,
            "preamble_lines": self.head.preamble_lines,
            "footer_lines": self.cut.footer.count,
            "not_rows": self.cut.not_rows.count,
            "notes": not_rows_notes(self.cut.not_rows.count),
        }

    def write(self, cursor: duckdb.DuckDBPyConnection, columns: tuple[str, ...], folder: Path) -> Counts:
        expected = count_records(self.body.path, self.body.offset, self.head.dialect.quote)
        if expected == 0:
            raise _header_only(self.file)
        if not self.head.has_line_break_in_header or self.cut.footer.count or self.cut.not_rows.count:
            rows = _read_fast(cursor, self, columns, folder)
            if rows == expected:
                return Counts(rows, 0)
        return _read_carefully(cursor, self, columns, folder)


def open_csv(cursor: duckdb.DuckDBPyConnection, path: Path, file: str, read: Read, work: Path) -> CsvReader:
    """Open a file of plain UTF-8, byte order mark or not; raises RefusedDelivery when it has no header."""
    _check_options(read, file)
    head = read_head(path, file, read)
    _check_delimiter(head, file)
    if read.footer is None and read.not_rows is None:
        body = Body(path, head.data_offset, head.preamble_lines, head.has_header)
        return CsvReader(file, head, Cut(body, Ends(), Ends()))
    return CsvReader(file, head, body_alone(path, file, head, read, work / "body.csv"))


def _check_options(read: Read, file: str) -> None:
    """A sheet alone may be said of a file that turns out to be text: that it is read as text is noted."""
    said = [option for option in ("range", "records") if getattr(read, option) is not None]
    said += ["header_rows"] if read.header_rows > 1 else []
    said += ["sheet"] if read.sheet is not None and read.format != "xlsx" else []
    if said:
        raise not_for("delimited text", file, said)


def _check_delimiter(head: Head, file: str) -> None:
    delimiter = head.dialect.delimiter
    others = [other for other in _OTHER_DELIMITERS if other != delimiter and other in head.names[0]]
    if len(head.names) == 1 and others:
        raise RefusedDelivery(
            "the file has another delimiter",
            where=file,
            found=f"one column named {head.names[0]!r}",
            expected=f"columns between {delimiter!r}",
            action=f"set read.delimiter to {others[0]!r} in the connector",
        )


def _read_fast(cursor: duckdb.DuckDBPyConnection, reader: CsvReader, columns: tuple[str, ...], folder: Path) -> int:
    """Rows read, or -1 when DuckDB will not take the file as it is."""
    body = reader.body
    source = _reader(body.path, reader.head, f"skip = {body.skip}", f"header = {str(body.has_header).lower()}")
    # row_number() without an order numbers rows as they come, and DuckDB keeps the file's order for it
    query = f"select {_columns(columns)}, row_number() over () as {SOURCE_ROW} from {source}"
    try:
        return _copy(cursor, query, folder / ROWS)
    except duckdb.InvalidInputException:
        return -1


def _read_carefully(
    cursor: duckdb.DuckDBPyConnection, reader: CsvReader, columns: tuple[str, ...], folder: Path
) -> Counts:
    good, bad = folder / "good.csv", folder / "bad.jsonl"
    counts = _sort_out(reader, good, bad)
    if counts.rows == 0:
        raise _nothing_fits(reader, bad) if counts.rejected else _header_only(reader.file)
    rows = _read_numbered(cursor, reader.head, columns, good, folder, "parallel = true")
    if rows != counts.rows:
        rows = _read_numbered(cursor, reader.head, columns, good, folder, "parallel = false")
    if rows != counts.rows:
        raise _unreadable(reader.file, f"{counts.rows} rows, of which DuckDB reads {max(rows, 0)}")
    if counts.rejected:
        _copy(cursor, f"from {_rejects_reader(bad)}", folder / REJECTS)
    good.unlink()
    bad.unlink()
    return counts


def _read_numbered(
    cursor: duckdb.DuckDBPyConnection, head: Head, columns: tuple[str, ...], good: Path, folder: Path, option: str
) -> int:
    """Rows read, or -1. The parallel reader guesses where rows begin and refuses files whose cells look like rows;
    the other takes them, but holds the whole file in memory.
    """
    source = _reader(good, head, "header = true", option, is_numbered=True)
    try:
        return _copy(cursor, f"select {_columns(columns)}, {SOURCE_ROW} from {source}", folder / ROWS)
    except duckdb.InvalidInputException:
        return -1


def _sort_out(reader: CsvReader, good: Path, bad: Path) -> Counts:
    """Good records go to one file, under a header and each led by its number; bad ones to another, with the reason."""
    head, width, rows, rejected = reader.head, len(reader.names), 0, 0
    lines = physical_lines(reader.body.path, reader.file, reader.body.offset)
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


def _copy(cursor: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    """Write a query's rows as Parquet; returns how many there were."""
    counted = cursor.execute(f"copy ({query}) to {_literal(str(target))} {PARQUET}").fetchall()
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


def _nothing_fits(reader: CsvReader, bad: Path) -> RefusedDelivery:
    with bad.open(encoding="utf-8") as lines:
        first = json.loads(lines.readline())
    return RefusedDelivery(
        "no row fits the header",
        where=f"{reader.file}, line {first['line']}",
        found=first["reason"],
        expected=f"{len(reader.names)} cells between {reader.head.dialect.delimiter!r}",
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
