"""Whatever was written in whatever dialect is what lands, cell by cell; made-up dialects times made-up cells."""

import gzip
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.connector import Read
from pipeline.extract.formats import open_export
from tests.unit.extract.places import Place

Table = list[list[str]]
SPECIAL = [" ", '"', "'", ",", ";", "|", "\t", "||", "\\", "#", "\n", "\r", "\r\n", "^", "", "{", "[", "<"]
WIDE = ["漢", "é", "€", "😀", "\u2028", "\x85", "\ufeff", "\u00a0"]
# encoding  →  further pieces of cells it can write
ENCODINGS = {
    "utf-8": WIDE, "utf-8-sig": WIDE, "utf-16": WIDE, "utf-16-le": WIDE, "utf-32": WIDE, "gb18030": WIDE,
    "cp1252": ["é", "€"], "latin-1": ["é", "\x85"], "shift_jis": ["漢", "ｶ", "ソ"], "big5": ["漢", "功"],
}  # fmt: skip
PACKED: dict[str, Callable[[bytes], bytes]] = {"none": bytes, "gzip": gzip.compress, "zstd": zstandard.compress}
PREAMBLE, FOOTER = ["Report of May", "", "a,b;c"], ["=== end", "2 rows", ""]


@dataclass(frozen=True)
class Written:
    """A table and how it was written; `bad` is a row that does not fit, in front of the others."""

    table: Table
    bad: list[str]
    delimiter: str
    quote: str
    quotes_all: bool
    line_end: str
    encoding: str
    compression: str
    has_preamble: bool
    finds_header: bool
    has_header: bool
    has_footer: bool
    has_trailing_delimiter: bool
    has_blank_lines: bool
    has_last_line_end: bool

    @property
    def names(self) -> list[str]:
        return [f"h{place}" for place in range(len(self.table[0]))]

    @property
    def read(self) -> Read:
        start: dict[str, object] = (
            {"header": self.names[1:]} if self.finds_header else {"skip": len(PREAMBLE) * self.has_preamble}
        )
        names = {} if self.has_header else {"names": self.names}
        footer = {"footer": f"^{FOOTER[0]}$"} if self.has_footer else {}
        said = {"delimiter": self.delimiter, "quote": self.quote, "encoding": self.encoding}
        return Read.model_validate(said | start | names | footer)

    @property
    def content(self) -> bytes:
        rows = [
            self._line(row)
            for row in ([self.names] if self.has_header else []) + ([self.bad] if self.bad else []) + self.table
        ]
        blank = [""] if self.has_blank_lines else []
        lines = PREAMBLE * self.has_preamble + rows[:1] + blank + rows[1:] + blank + FOOTER * self.has_footer
        text = self.line_end.join(lines) + self.line_end * self.has_last_line_end
        return PACKED[self.compression](text.encode(self.encoding))

    def _line(self, row: list[str]) -> str:
        return self.delimiter.join(map(self._cell, row)) + self.delimiter * self.has_trailing_delimiter

    def _cell(self, cell: str) -> str:
        if self.quote and (self.quotes_all or re.search(rf"[\r\n{re.escape(self.quote + self.delimiter)}]", cell)):
            return self.quote + cell.replace(self.quote, self.quote * 2) + self.quote
        return cell


@st.composite
def written(draw: st.DrawFn) -> Written:
    quote, delimiter = (
        draw(st.sampled_from(['"', "'", ""])),
        draw(st.sampled_from([",", ";", "\t", "|", "^", "||", "§", "\x1f"])),
    )
    encoding = draw(st.sampled_from([one for one in ENCODINGS if delimiter != "§" or one not in ("big5", "shift_jis")]))
    pieces = [*"abc1", *SPECIAL, *ENCODINGS[encoding]]
    if not quote:
        pieces = [one for one in pieces if not set(one) & {*"\r\n", *delimiter}]
    width = draw(st.integers(2, 4))
    # Drawing every piece would cost more than reading them all
    chance = random.Random(draw(st.integers(0, 1 << 32)))
    rows = draw(st.integers(1, 40))
    finds_header, trails = draw(st.booleans()), draw(st.booleans())
    has_header = finds_header or draw(st.booleans())
    table = [["".join(chance.choices(pieces, k=chance.randint(0, 5))) for _ in range(width)] for _ in range(rows)]
    # What a file begins with is its byte order mark, whoever meant a character
    table[0][0] = table[0][0].lstrip("\ufeff")
    return Written(
        table=table,
        bad=draw(st.sampled_from([[], [], *([] if trails else [["x"]]), ["x"] * (width + 1)])),
        delimiter=delimiter,
        quote=quote,
        quotes_all=draw(st.booleans()),
        line_end=draw(st.sampled_from(["\n", "\r\n", "\r"])),
        encoding=encoding,
        compression=draw(st.sampled_from(list(PACKED))),
        has_preamble=draw(st.booleans()),
        finds_header=finds_header,
        has_header=has_header,
        has_footer=draw(st.booleans()),
        has_trailing_delimiter=trails,
        has_blank_lines=draw(st.booleans()),
        has_last_line_end=draw(st.booleans()),
    )


@settings(max_examples=20 * settings().max_examples, suppress_health_check=list(HealthCheck))
@given(file=written())
def test_cells_come_back_alike(new_place: Callable[[], Place], file: Written) -> None:
    place = new_place()
    path = place.put("orders.csv", file.content)
    rows, rejected, names = _landed(place, path, file.read)
    first = 1 + bool(file.bad)
    assert rows == [(*row, number) for number, row in enumerate(file.table, first)]
    assert (names, rejected) == (tuple(file.names), bool(file.bad))


def _landed(place: Place, path: Path, read: Read) -> tuple[list[tuple[str, ...]], int, tuple[str, ...]]:
    """What a reader writes, without the rest of landing, which other tests watch."""
    opened = open_export(place.connection, path, path.name, read, place.location)
    counts = opened.reader.write(place.connection, opened.reader.names, place.location)
    rows = place.connection.execute("from read_parquet(?)", [str(place.location / "rows.parquet")]).fetchall()
    assert counts.rows == len(rows)
    return rows, counts.rejected, opened.reader.names
