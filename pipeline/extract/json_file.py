"""Reads a file of JSON: NDJSON, arrays of objects, or documents with the records at a dotted path.

Top-level keys become columns in order of first appearance; nested values stay JSON text, texts lose their quotes,
numbers land as they are written, a missing key and null are null. NDJSON is read where it lies; everything else, and
NDJSON with a line that is no record, is walked through once and written as one record a line.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import duckdb

from pipeline.connector import Read
from pipeline.errors import RefusedDelivery
from pipeline.extract import json_documents
from pipeline.extract.json_documents import Element
from pipeline.extract.json_lines import REJECTED, Lines, Survey, survey, write_lines
from pipeline.extract.json_values import LONGEST_VALUE, TOO_LONG, mistake_in
from pipeline.extract.reader import SOURCE_ROW, Counts, Reader
from pipeline.extract.structured import OF_TABLES, first_line, no_rows, not_for, unreadable, write_rejects
from pipeline.extract.tally import count_records

MOST_COLUMNS = 5_000
_SNIFFED_LINES = 20
_SNIFFED_CHARACTERS = 1 << 20


def open_json(cursor: duckdb.DuckDBPyConnection, path: Path, file: str, read: Read, work: Path) -> Reader:
    """Look through all records of plain UTF-8 at `path`, which is shown to the user as `file`.

    Raises RefusedDelivery for a broken document, and for keys that are no columns.
    """
    _check_options(read, file)
    is_lines = read.records is None and _is_ndjson(path)
    sorted_out = _Sorted(Lines(path, file))
    surveyed = _survey_as_it_is(cursor, path, file) if is_lines else None
    if surveyed is None:
        with path.open(encoding="utf-8-sig", newline=None if is_lines else "") as stream:
            elements = _lines(stream, file) if is_lines else json_documents.records(stream, file, read.records)
            sorted_out = _sort_out(elements, file, work)
        surveyed = _survey(cursor, sorted_out)
    _check_names(surveyed.keys, file)
    used = {"layout": "lines" if is_lines else "document", "records": read.records}
    return _JsonFile(surveyed.keys, used, sorted_out, surveyed)


@dataclass(frozen=True)
class _Sorted:
    """Records, one a line, and what was rejected; `longest` of the rejects is in bytes."""

    lines: Lines
    rejects: Path | None = None
    longest: int = 0
    made: tuple[Path, ...] = ()


@dataclass(frozen=True)
class _JsonFile:
    """JSON records whose keys are known."""

    names: tuple[str, ...]
    used: dict[str, Any]
    _sorted: _Sorted
    _survey: Survey
    margin: tuple[str, ...] = field(default=())

    def write(self, cursor: duckdb.DuckDBPyConnection, columns: tuple[str, ...], folder: Path) -> Counts:
        """Write the records' values under these keys, and what was no record."""
        rows = write_lines(cursor, self._sorted.lines, self._survey, columns, folder)
        rejected = 0
        if self._sorted.rejects:
            rejected = write_rejects(cursor, self._sorted.rejects, self._sorted.longest, folder)
        for path in self._sorted.made:
            path.unlink()
        return Counts(rows, rejected)


def _check_options(read: Read, file: str) -> None:
    said = [option for option in OF_TABLES if getattr(read, option)]
    if said:
        raise not_for("JSON", file, said)


def _is_ndjson(path: Path) -> bool:
    """Whether every line is to be a record: the first is one, or most of the next few are though the first is not."""
    with path.open(encoding="utf-8-sig") as stream:
        first = next((line for line in _bounded(stream) if line.strip()), "")
        if not first.lstrip().startswith("{"):
            return False
        following = [mistake_in(line) for line in islice(_bounded(stream), _SNIFFED_LINES) if line.strip()]
    return not mistake_in(first) or 2 * following.count("") > len(following)


def _bounded(stream: TextIO) -> Iterator[str]:
    """Lines until they are more than a sniff needs; a longer one is cut off, which makes it no record."""
    left = LONGEST_VALUE
    while left > 0 and (line := stream.readline(left)):
        left = min(left, _SNIFFED_CHARACTERS) - len(line)
        yield line


def _survey_as_it_is(cursor: duckdb.DuckDBPyConnection, path: Path, file: str) -> Survey | None:
    """Nothing where a line is no record, or DuckDB does not see every line: then each line is judged by itself."""
    try:
        surveyed = survey(cursor, Lines(path, file))
    except duckdb.InvalidInputException:
        return None
    return surveyed if surveyed.is_sound and surveyed.rows == count_records(path, 0, "") else None


def _survey(cursor: duckdb.DuckDBPyConnection, sorted_out: _Sorted) -> Survey:
    """Of records already found sound."""
    lines = sorted_out.lines
    try:
        surveyed = survey(cursor, lines)
    except duckdb.InvalidInputException as error:
        raise unreadable(lines.file, first_line(error), "JSON") from None
    if surveyed.rows == 0:
        raise _no_records(sorted_out)
    return surveyed


def _lines(stream: TextIO, file: str) -> Iterator[Element]:
    """Each line that is not blank."""
    lines = iter(lambda: stream.readline(LONGEST_VALUE + 1), "")
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_VALUE:
            raise unreadable(f"{file}, line {number}", TOO_LONG, "one object a line")
        raw = line.removesuffix("\n")
        if raw.strip():
            yield Element(raw, mistake_in(raw), number)


def _sort_out(elements: Iterable[Element], file: str, work: Path) -> _Sorted:
    """Write good records to one file, one a line, and bad ones to another, with the reason."""
    good, bad = work / "records.ndjson", work / "rejects.ndjson"
    longest = longest_bad = 0
    with good.open("wb") as takes, bad.open("wb") as refuses:
        for number, element in enumerate(elements, 1):
            line = (REJECTED if element.reason else _on_one_line(element.raw)).encode()
            longest = max(longest, len(line))
            takes.write(line + b"\n")
            if element.reason:
                facts = {SOURCE_ROW: number, "line": element.line, "raw": element.raw, "reason": element.reason}
                longest_bad = max(longest_bad, refuses.write(json.dumps(facts).encode() + b"\n"))
    return _Sorted(Lines(good, file, longest), bad if longest_bad else None, longest_bad, (good, bad))


def _on_one_line(raw: str) -> str:
    """Line breaks within a record stand between its values: a text holds them escaped."""
    return raw.replace("\r", " ").replace("\n", " ") if "\n" in raw or "\r" in raw else raw


def _check_names(keys: tuple[str, ...], file: str) -> None:
    folded = [key.lower() for key in keys]
    twins = [key for key in keys if folded.count(key.lower()) > 1] if len(set(folded)) < len(keys) else []
    if twins or "" in keys or not 0 < len(keys) <= MOST_COLUMNS:
        found = ", ".join(twins) if twins else "a key without a name" if "" in keys else f"{len(keys):,} keys"
        raise RefusedDelivery(
            "the records' keys are no names of columns",
            where=file,
            found=found,
            expected=f"1 to {MOST_COLUMNS:,} names that differ in more than case",
            action="have the keys renamed at the source, or correct read.records in the connector",
        )


def _no_records(sorted_out: _Sorted) -> RefusedDelivery:
    if sorted_out.rejects is None:
        return no_rows(sorted_out.lines.file, "records")
    with sorted_out.rejects.open(encoding="utf-8") as lines:
        first = json.loads(lines.readline())
    where = f"{sorted_out.lines.file}, line {first['line']}"
    return unreadable(where, first["reason"], "at least one object that is a record")
