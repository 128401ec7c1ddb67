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
from pipeline.extract.records import Dialect, Records

HEAD_BYTES = 1 << 20
SAMPLE_CHARACTERS = 1 << 16
_CANDIDATES = (",", ";", "\t", "|", "^", "~", "\x1f", "\x01")


@dataclass(frozen=True)
class Head:
    """What the first lines tell: how to read the file, its header cells, and where the data rows begin.

    `width` is the number of columns: cells after the last named one are a trailing delimiter, not columns.
    `data_offset` is in bytes of the UTF-8 text, `lines` the physical lines before the first data row.
    """

    dialect: Dialect
    cells: tuple[str, ...]
    data_offset: int
    lines: int
    has_line_break_in_header: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Column names, trimmed; an unnamed column between named ones is called by its position."""
        trimmed = [cell.strip() for cell in self.cells]
        while trimmed and not trimmed[-1]:
            trimmed.pop()
        return tuple(name or f"column_{position}" for position, name in enumerate(trimmed, 1))


def read_head(path: Path, file: str, read: Read) -> Head:
    """Dialect and header of a UTF-8 file; raises RefusedDelivery when there is no header to be read."""
    text, mark = _beginning(path)
    lines = list(io.StringIO(text, newline=""))
    dialect = _dialect(lines[read.skip :], file, read)
    if len(lines) <= read.skip:
        raise _no_header(file, f"{len(lines)} lines", read.skip)
    records = Records(iter(lines[read.skip :]), dialect)
    header = next(records, None)
    if header is None:
        raise _no_header(file, "blank lines only", read.skip)
    is_cut_off = len(text.encode()) >= HEAD_BYTES - 4 and records.lines + read.skip == len(lines)
    if header.mistake or is_cut_off:
        raise RefusedDelivery(
            "the header cannot be read",
            where=file,
            found=header.mistake or "a header longer than 1 MiB",
            expected=f"cells between {dialect.delimiter!r}",
            action="correct read.quote, read.delimiter or read.skip",
        )
    consumed = "".join(lines[: read.skip + records.lines])
    return Head(
        dialect,
        tuple(header.cells),
        mark + len(consumed.encode()),
        read.skip + records.lines,
        len(header.raw.rstrip("\r\n").splitlines()) > 1,
    )


def _beginning(path: Path) -> tuple[str, int]:
    """The first MiB as text, without the byte order mark, and the mark's length."""
    with path.open("rb") as stream:
        data = stream.read(HEAD_BYTES)
    mark = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    return codecs.getincrementaldecoder("utf-8")().decode(data[mark:]), mark


def _dialect(lines: list[str], file: str, read: Read) -> Dialect:
    quote = read.quote if read.quote is not None else _quote(lines)
    delimiter = read.delimiter or _vote(lines, quote)
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


def _vote(lines: list[str], quote: str) -> str:
    sample = _sample(lines)
    ballots = [(_agreement(sample, candidate, quote), candidate) for candidate in _CANDIDATES]
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


def _agreement(sample: list[str], delimiter: str, quote: str) -> float:
    """Share of the rows that have as many cells as the header; 0 when the header is a single cell."""
    options = Dialect(delimiter, quote).for_csv(is_strict=False)
    try:
        widths = [len(row) for row in csv.reader(sample, **options) if row]
    except csv.Error:
        return 0
    if not widths or widths[0] < 2:
        return 0
    rows = widths[1:] or widths
    return sum(width == widths[0] for width in rows) / len(rows)


def _no_header(file: str, found: str, skip: int) -> RefusedDelivery:
    return RefusedDelivery(
        "the file has no header",
        where=file,
        found=found,
        expected=f"a header after {skip} skipped lines",
        action="have it delivered again, or correct read.skip in the connector",
    )
