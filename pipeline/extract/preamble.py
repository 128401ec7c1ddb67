"""Tells a file whose header is not where it was looked for: lines above it were taken for it, a title or a date say.

Here belongs looking for a header that the mapping knows; it is only ever proposed, and `read` has to say it.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

import duckdb

from pipeline.connector import Export, Read
from pipeline.errors import RefusedDelivery
from pipeline.extract.csv_file import CsvReader
from pipeline.extract.formats import open_export
from pipeline.extract.margin import CANDIDATES
from pipeline.extract.reader import Reader

_BARE_NAME = re.compile(r"[^\W\d][\w .-]*")
_QUOTED_NAME = re.compile(r'"((?:[^"]|"")+)"')
# How many names are looked for one by one where no line holds them all
_TRIED = 8
# Lines that tell how wide a table is
_LINES = 200


def preamble_refusal(
    cursor: duckdb.DuckDBPyConnection, path: Path, file: str, export: Export, scratch: Path
) -> RefusedDelivery | None:
    """Why a file that was refused for its header is to be refused, where lines stand above the true one; else None."""
    read = export.read
    if read.skip or read.header or read.names:
        return None
    mapped = list(_mapped_names(export))
    for wanted in [mapped, *([name] for name in mapped[:_TRIED])]:
        reader = _opened_at(cursor, path, file, read, wanted, scratch / "preamble")
        known = [name for name in reader.names if name in mapped] if reader else []
        # A line of sums may hold one name too
        if reader and _lines_above(reader) and len(known) >= min(2, len(mapped)):
            return _refusal(file, reader, known)
    return None


def header_after_preamble(cursor: duckdb.DuckDBPyConnection, path: Path, read: Read, work: Path) -> tuple[str, ...]:
    """A few names of the header that is the true one most likely; empty where that is the first line, as it is mostly.

    It is the first line with as many cells as most lines have, most of them filled; of delimited text alone.
    """
    # Whatever the first line is, it is taken for no header here
    without = read.model_copy(update={"names": ("column",)})
    reader = None
    with suppress(RefusedDelivery):
        reader = open_export(cursor, path, path.name, without, work, is_head=True).reader
    if not isinstance(reader, CsvReader):
        return ()
    with reader.body.path.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(islice(stream, _LINES))
    best, header, is_first = 0, [""], True
    for delimiter in CANDIDATES:
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=delimiter) if any(row)]
        widths = Counter(len(row) for row in rows if len(row) > 1)
        if widths and (found := widths.most_common(1)[0])[1] > best:
            wide = [row for row in rows if len(row) == found[0]]
            # A title in a table of its own width leaves nearly all its cells empty
            best, header = found[1], next((row for row in wide if sum(map(bool, row)) > len(row) / 2), rows[0])
            is_first = header is rows[0]
    return () if is_first else tuple(name for name in header if name)[:2]


def _lines_above(reader: Reader) -> int:
    return int(reader.used.get("preamble_lines", reader.used.get("header_row", 1) - 1))


def _mapped_names(export: Export) -> Iterator[str]:
    """Names of columns the mappings surely speak of: right sides that are a name, and names in quotes."""
    found = [sql for one in export.entities.values() for sql in one.expressions.values()]
    names = [sql.strip() for sql in found if _BARE_NAME.fullmatch(sql.strip())]
    names += [name.replace('""', '"') for sql in found for name in _QUOTED_NAME.findall(sql)]
    yield from dict.fromkeys(names)


def _opened_at(
    cursor: duckdb.DuckDBPyConnection, path: Path, file: str, read: Read, wanted: list[str], work: Path
) -> Reader | None:
    """The file read from the line on that holds these names; None where there is none."""
    work.mkdir(exist_ok=True)
    sought = read.model_copy(update={"header": tuple(wanted)})
    with suppress(RefusedDelivery):
        return open_export(cursor, path, file, sought, work, is_head=True).reader if wanted else None
    return None


def _refusal(file: str, reader: Reader, known: list[str]) -> RefusedDelivery:
    lines = _lines_above(reader)
    first = next((line for line in reader.margin if line.strip()), "")
    named = ", ".join(f'"{name}"' if re.search(r"[^\w ]", name) else name for name in known[:2])
    return RefusedDelivery(
        "lines stand above the header",
        where=file,
        found=f"{first[:60]!r} first, and the header in line {lines + 1}: {', '.join(reader.names)[:200]}",
        expected="the header first, or read: that says where it is",
        action=f"say read: {{header: [{named}]}} in the connector, or read: {{skip: {lines}}} where it is always as many",
    )
