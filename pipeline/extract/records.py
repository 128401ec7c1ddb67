"""The careful reader: splits CSV text into records one by one and says of each bad one what is wrong with it.

Used for headers, and for the data rows of those files alone that DuckDB's fast reader will not take as they are:
DuckDB's own rejects table cuts long lines short and knows no row numbers, so it cannot account for every row.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

# A record of this many characters fits DuckDB's line limit (bytes) in any script
LONGEST_RECORD = 2_000_000
LONGEST_RECORD_BYTES = 4 * LONGEST_RECORD
TOO_LONG = f"longer than {LONGEST_RECORD:,} characters"
# The standard library parses one-character delimiters only; this one belongs to nobody
_STAND_IN = "\ue000"


@dataclass(frozen=True)
class Dialect:
    """How cells are kept apart; an empty quote means that nothing is quoted."""

    delimiter: str
    quote: str

    def for_csv(self, *, is_strict: bool) -> dict[str, Any]:
        """Options of csv.reader. Lines must have gone through `with_short_delimiter`."""
        csv.field_size_limit(LONGEST_RECORD)
        delimiter = self.delimiter if len(self.delimiter) == 1 else _STAND_IN
        if not self.quote:
            return {"delimiter": delimiter, "quoting": csv.QUOTE_NONE, "quotechar": None, "strict": is_strict}
        return {"delimiter": delimiter, "quotechar": self.quote, "strict": is_strict}

    def with_short_delimiter(self, line: str) -> str:
        return line if len(self.delimiter) == 1 else line.replace(self.delimiter, _STAND_IN)

    def with_own_delimiter(self, cell: str) -> str:
        """A cell of a line that went through `with_short_delimiter`, as it was."""
        return cell if len(self.delimiter) == 1 else cell.replace(_STAND_IN, self.delimiter)


class Record(NamedTuple):
    """One record as it stands in the file, from physical line `line` (1 = the first line given) on.

    `readable` is the record without what DuckDB stumbles over: blanks between a closing quote and the delimiter.
    `mistake` says why it could not be taken apart; then it is one physical line and has no cells.
    """

    raw: str
    readable: str
    line: int
    cells: tuple[str, ...]
    mistake: str = ""


class Records(Iterator[Record]):
    """Records of CSV lines (with their line breaks, cut at \\n, \\r\\n or \\r), blank lines left out.

    After a mistake reading goes on at the next physical line, so one open quote costs one line, not the file.
    """

    def __init__(self, lines: Iterator[str], dialect: Dialect) -> None:
        self.lines = 0
        self._source = lines
        self._dialect = dialect
        self._pending: deque[str] = deque()
        self._feed = _Feed(self)
        self._reader = csv.reader(self._feed, **dialect.for_csv(is_strict=True))

    def __next__(self) -> Record:
        while True:
            self._feed.begin()
            try:
                cells = next(self._reader)
            except csv.Error as error:
                return self._after_mistake(str(error))
            raw = self._take(len(self._feed.taken))
            if cells:
                return Record(raw, raw, self.lines - len(self._feed.taken) + 1, self._full(cells))

    def next_line(self) -> str:
        """The next physical line: first those given back after a mistake."""
        return self._pending.popleft() if self._pending else next(self._source)

    def _take(self, count: int) -> str:
        self.lines += count
        return "".join(self._feed.taken[:count])

    def _full(self, cells: list[str]) -> tuple[str, ...]:
        return tuple(map(self._dialect.with_own_delimiter, cells))

    def _after_mistake(self, mistake: str) -> Record:
        """The first line alone is at fault; not even that one when blanks after its quotes are all that is wrong."""
        self._pending.extendleft(reversed(self._feed.taken[1:]))
        raw = self._take(1)
        readable = _without_blanks_after_quotes(raw, self._dialect)
        cells = self._parsed(readable)
        if cells:
            return Record(raw, readable, self.lines, self._full(cells))
        return Record(raw, raw, self.lines, (), _explained(mistake))

    def _parsed(self, line: str) -> list[str]:
        """Cells of a single line, none when it is not well formed."""
        try:
            options = self._dialect.for_csv(is_strict=True)
            return next(csv.reader([self._dialect.with_short_delimiter(line)], **options))
        except csv.Error:
            return []


class _Feed(Iterator[str]):
    """Hands lines to csv.reader and remembers those of the present record; ends a record that grows too long."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.begin()

    def begin(self) -> None:
        self.taken: list[str] = []
        self._size = 0

    def __next__(self) -> str:
        if self._size > LONGEST_RECORD:
            raise StopIteration
        line = self._records.next_line()
        self.taken.append(line)
        self._size += len(line)
        return self._records._dialect.with_short_delimiter(line)


def _explained(mistake: str) -> str:
    """csv.reader's words for a user."""
    if mistake.startswith("unexpected end of data"):
        return "a quote is opened and never closed"
    return TOO_LONG if mistake.startswith("field larger than") else mistake


def _without_blanks_after_quotes(raw: str, dialect: Dialect) -> str:
    """The line with blanks taken away after each quoted stretch; stretches are matched whole, so never within."""
    if not dialect.quote:
        return raw
    quote = re.escape(dialect.quote)
    blanks = re.escape(" \t".replace(dialect.delimiter, ""))
    return re.sub(rf"({quote}(?:[^{quote}]|{quote}{quote})*+{quote})[{blanks}]+", r"\1", raw)
