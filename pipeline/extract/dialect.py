"""The dialect of a CSV file and its header, from its first lines.

Detection is a vote of the standard library's CSV parser over the candidate delimiters: the one under which most of
the first rows have as many cells as the header wins. The ready-made sniffers were tried first and failed on ordinary
exports: csv.Sniffer takes ":" from a JSON column and gives up on ragged rows or a single column; DuckDB's sniff_csv
prefers "," to a tab or ";" when every text holds commas, and its answer may change with its version.
"""

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path

from pipeline.connector import Read
from pipeline.errors import RefusedDelivery
from pipeline.extract.margin import CANDIDATES, Start, find_start, holds_header
from pipeline.extract.records import Dialect, Record, Records

HEAD_BYTES = 1 << 20
SAMPLE_CHARACTERS = 1 << 16


@dataclass(frozen=True)
class Head:
    """What the first lines tell: how to read the file, its columns, and where the data rows begin.

    `names` are trimmed; cells after the last named one are a trailing delimiter, not columns, and an unnamed column
    between named ones is called by its position. `data_offset` is in bytes of the UTF-8 text, `lines` the physical
    lines before the first data row, `preamble` those of them before the header.
    """

    dialect: Dialect
    names: tuple[str, ...]
    data_offset: int
    lines: int
    preamble: tuple[str, ...]
    preamble_lines: int
    has_header: bool
    has_line_break_in_header: bool


def read_head(path: Path, file: str, read: Read) -> Head:
    """Dialect and header of a UTF-8 file; raises RefusedDelivery when there is no header to be read."""
    start = find_start(path, file, read, _mark(path))
    lines, is_cut_off = _beginning(path, start.offset)
    dialect = _dialect(lines, file, read)
    if read.names:
        return _head(start, dialect, read.names, None, lines)
    records = Records(iter(lines), dialect)
    header = next(records, None)
    if header is None:
        raise _no_header(file, lines, read, start)
    if header.mistake or (is_cut_off and records.lines == len(lines)):
        raise RefusedDelivery(
            "the header cannot be read",
            where=file,
            found=header.mistake or "a header longer than 1 MiB",
            expected=f"cells between {dialect.delimiter!r}",
            action="correct read.quote, read.delimiter or read.skip",
        )
    names = _names(header.cells)
    if not names:
        raise _no_names(file, header.cells)
    return _head(start, dialect, names, header, lines[: records.lines])


def _head(start: Start, dialect: Dialect, names: tuple[str, ...], header: Record | None, consumed: list[str]) -> Head:
    taken = consumed if header else []
    return Head(
        dialect,
        names,
        start.offset + len("".join(taken).encode()),
        start.preamble.count + len(taken),
        start.preamble.lines,
        start.preamble.count,
        header is not None,
        header is not None and len(header.raw.rstrip("\r\n").splitlines()) > 1,
    )


def _names(cells: tuple[str, ...]) -> tuple[str, ...]:
    trimmed = [cell.strip() for cell in cells]
    while trimmed and not trimmed[-1]:
        trimmed.pop()
    return tuple(name or f"column_{position}" for position, name in enumerate(trimmed, 1))


def _mark(path: Path) -> int:
    """Length of the byte order mark."""
    with path.open("rb") as stream:
        return len(codecs.BOM_UTF8) if stream.read(3) == codecs.BOM_UTF8 else 0


def _beginning(path: Path, offset: int) -> tuple[list[str], bool]:
    """The lines of the first MiB from an offset on, and whether there is more."""
    with path.open("rb") as stream:
        stream.seek(offset)
        data = stream.read(HEAD_BYTES)
        is_cut_off = bool(stream.read(1))
    text = codecs.getincrementaldecoder("utf-8")().decode(data)
    return list(io.StringIO(text, newline="")), is_cut_off


def _dialect(lines: list[str], file: str, read: Read) -> Dialect:
    quote = read.quote if read.quote is not None else _quote(lines)
    delimiter = read.delimiter or _vote(lines, quote, read)
    if len(delimiter.encode()) > 4 or {"\n", "\r"} & set(delimiter) or (quote and quote in delimiter):
        raise RefusedDelivery(
            "the delimiter cannot be used",
            where=file,
            found=repr(delimiter),
            expected="at most 4 bytes, no line break, no quote",
            action="correct read.delimiter in the connector",
        )
    return Dialect(delimiter, quote)


def _quote(lines: list[str]) -> str:
    """A single quote only where it encloses the header from end to end: elsewhere it is an apostrophe."""
    header = next((line.strip() for line in lines if line.strip()), "")
    return "'" if len(header) > 1 and header[0] == header[-1] == "'" else '"'


def _vote(lines: list[str], quote: str, read: Read) -> str:
    sample = _sample(lines)
    candidates = [one for one in CANDIDATES if not read.header or holds_header(lines[0], read, (one,))]
    ballots = [(_agreement(sample, one, quote, len(read.names)), one) for one in candidates or CANDIDATES]
    best = max(ballots, key=lambda ballot: ballot[0])
    return best[1] if best[0] > 0 else ","


def _sample(lines: list[str]) -> list[str]:
    taken: list[str] = []
    size = 0
    for line in lines:
        if taken and size + len(line) > SAMPLE_CHARACTERS:
            break
        taken.append(line)
        size += len(line)
    return taken


def _agreement(sample: list[str], delimiter: str, quote: str, expected: int) -> float:
    """Share of the rows that have as many cells as the header, or as expected; 0 when that is a single cell."""
    options = Dialect(delimiter, quote).for_csv(is_strict=False)
    try:
        widths = [len(row) for row in csv.reader(sample, **options) if row]
    except csv.Error:
        return 0
    if not widths or (expected or widths[0]) < 2:
        return 0
    rows = widths if expected else widths[1:] or widths
    return sum(width == (expected or widths[0]) for width in rows) / len(rows)


def _no_header(file: str, lines: list[str], read: Read, start: Start) -> RefusedDelivery:
    return RefusedDelivery(
        "the file has no header",
        where=file,
        found="blank lines only" if lines else f"{start.preamble.count} lines",
        expected=f"a header after {read.skip} skipped lines",
        action="have it delivered again, or correct read.skip in the connector",
    )


def _no_names(file: str, cells: tuple[str, ...]) -> RefusedDelivery:
    return RefusedDelivery(
        "the header names no column",
        where=file,
        found=repr(cells),
        expected="column names",
        action="correct read.skip in the connector",
    )
