"""The lines of a file that are no data: those before its header, and its footer."""

import csv
from collections import deque
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from pipeline.connector import Read
from pipeline.errors import RefusedDelivery
from pipeline.extract.reader import MARGIN_LINES
from pipeline.extract.records import LONGEST_RECORD_BYTES, Dialect

CANDIDATES = (",", ";", "\t", "|", "^", "~", "\x1f", "\x01")


class Ends:
    """The first and the last lines of a margin of any length, without their line ends."""

    def __init__(self) -> None:
        self.count = 0
        self._first: list[str] = []
        self._last: deque[str] = deque(maxlen=MARGIN_LINES)

    def add(self, line: str) -> None:
        self.count += 1
        kept = self._first if len(self._first) < MARGIN_LINES else self._last
        kept.append(line.rstrip("\r\n"))

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(chain(self._first, self._last))


class Start(NamedTuple):
    """Where the header begins: byte of the UTF-8 text, and what stands before it."""

    offset: int
    preamble: Ends


def physical_lines(path: Path, file: str, offset: int) -> Iterator[str]:
    """Lines from a byte offset on, cut at \\n, \\r\\n or \\r; one without end is refused before it fills the memory."""
    with path.open("rb") as stream:
        stream.seek(offset)
        with TextIOWrapper(stream, "utf-8", newline="") as lines:
            while line := lines.readline(LONGEST_RECORD_BYTES):
                if len(line) == LONGEST_RECORD_BYTES:
                    raise RefusedDelivery(
                        "the file cannot be read without loss",
                        where=file,
                        found=f"a line longer than {LONGEST_RECORD_BYTES:,} characters",
                        expected="CSV",
                        action="correct read: in the connector, or have it delivered again",
                    )
                yield line


def find_start(path: Path, file: str, read: Read, mark: int) -> Start:
    """Pass over the lines that read.skip counts, or all before the one that holds read.header; `mark` in bytes."""
    preamble, offset = Ends(), mark
    if not read.skip and not read.header:
        return Start(offset, preamble)
    for line in physical_lines(path, file, mark):
        if holds_header(line, read, CANDIDATES) if read.header else preamble.count == read.skip:
            return Start(offset, preamble)
        preamble.add(line)
        offset += len(line.encode())
    if read.header:
        raise _no_such_header(file, read, preamble)
    return Start(offset, preamble)


def holds_header(line: str, read: Read, delimiters: tuple[str, ...]) -> bool:
    """Whether a line holds every name of read.header as a cell, kept apart by what is said or by any of these."""
    if not all(_may_hold(line, name, read) for name in read.header):
        return False
    said = (read.delimiter,) if read.delimiter else delimiters
    quotes = ('"', "'") if read.quote is None else (read.quote,)
    wanted = {name.strip() for name in read.header}
    lines = (_cells(line, Dialect(delimiter, quote)) for delimiter in said for quote in quotes)
    return any(wanted <= mapped_names(cells, read) for cells in lines)


def _may_hold(line: str, name: str, read: Read) -> bool:
    """A quick look: most lines of a file are no header."""
    bare = line.replace('"', "").casefold()
    names = (name, *(old for old, new in read.rename.items() if new == name))
    return any(one.strip().replace('"', "").casefold() in bare for one in names)


def mapped_names(cells: set[str], read: Read) -> set[str]:
    """Cells of a header, and the names that read.rename gives them."""
    renamed = {old.casefold(): new for old, new in read.rename.items()}
    return cells | {renamed[cell.casefold()] for cell in cells if cell.casefold() in renamed}


def _cells(line: str, dialect: Dialect) -> set[str]:
    try:
        cells = next(csv.reader([dialect.with_short_delimiter(line)], **dialect.for_csv(is_strict=False)), [])
    except csv.Error:
        return set()
    return {dialect.with_own_delimiter(cell).strip() for cell in cells}


def _no_such_header(file: str, read: Read, passed: Ends) -> RefusedDelivery:
    first = next((line for line in passed.lines if line.strip()), "")
    return RefusedDelivery(
        "no line holds the header",
        where=file,
        found=f"{passed.count:,} lines, the first of them {first[:100]!r}",
        expected=f"a line with the cells {', '.join(read.header)}",
        action="have it delivered again, or correct read.header, read.delimiter or read.encoding in the connector",
    )
