"""Finds the table within a sheet: where its header is, what its columns are called, which rows are its data."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from openpyxl.utils import column_index_from_string

from pipeline.connector import Read
from pipeline.errors import RefusedDelivery
from pipeline.extract.margin import Ends, mapped_names
from pipeline.extract.workbook_cells import Merged, SheetRow, cell_name

_RANGE = re.compile(r"([A-Z]+)([0-9]+)(?::([A-Z]+)([0-9]*))?")


@dataclass(frozen=True)
class Bounds:
    """The cells of a sheet that are looked at; None is without end."""

    first_row: int = 1
    first_column: int = 1
    last_row: int | None = None
    last_column: int | None = None

    @classmethod
    def of(cls, text: str | None) -> "Bounds":
        """B3 is all from there on, B3:F without an end below, B3:F90 has ends on all sides."""
        found = _RANGE.fullmatch(text or "A1")
        if found is None:
            return cls()
        column = column_index_from_string(found[3]) if found[3] else None
        return cls(int(found[2]), column_index_from_string(found[1]), int(found[4]) if found[4] else None, column)

    def clip(self, row: SheetRow) -> SheetRow:
        """The row without what lies outside of the columns."""
        cells = {column: text for column, text in row.cells.items() if self._holds(column)}
        uncalculated = tuple(column for column in row.uncalculated if self._holds(column))
        return row._replace(cells=cells, uncalculated=uncalculated)

    def _holds(self, column: int) -> bool:
        return self.first_column <= column and (self.last_column is None or column <= self.last_column)


class Table:
    """The table of a sheet. Its rows are taken once; then it knows its header, its margin and its columns."""

    def __init__(self, read: Read, file: str) -> None:
        self._read, self._file, self._bounds = read, file, Bounds.of(read.range)
        self._footer = re.compile(read.footer) if read.footer else None
        self._no_row = re.compile(read.not_rows) if read.not_rows else None
        self._wanted = {" ".join(name.split()) for name in read.header}
        self._before, self._after = Ends(), Ends()
        self.not_rows = Ends()
        self._filled: set[int] = set()
        self._window: deque[SheetRow] = deque(maxlen=read.header_rows)
        self._is_begun = False
        self.header: list[SheetRow] = []

    @property
    def margin(self) -> tuple[str, ...]:
        return (*self._before.lines, *self.not_rows.lines, *self._after.lines)

    def data(self, rows: Iterable[SheetRow]) -> Iterator[SheetRow]:
        """The data rows, each with at least one cell that is not blank; raises RefusedDelivery."""
        is_over = False
        for row in self._within(rows):
            if not self._is_begun and not self._begins_at(row):
                continue
            is_over = is_over or self._is_footer(row)
            if is_over:
                self._after.add(_line(row))
            elif self._no_row is not None and self._no_row.search(_line(row)):
                self.not_rows.add(_line(row))
            elif not _is_blank(row):
                yield self._checked(row)
        if not self._is_begun:
            raise self._no_header()

    def columns(self, merged: list[Merged]) -> dict[str, int]:
        """Names of the columns, each with its place in the data's lists of cells, which begin with 0.

        A column without a name that holds data is called by its position, so that nothing in it is lost.
        """
        first = self._bounds.first_column
        names = dict(enumerate(self._read.names, first)) if self._read.names else _names(self.header, merged)
        used = sorted({column for column, name in names.items() if name} | self._filled)
        titles = [names.get(column) or f"column_{column - first + 1}" for column in used]
        self._check_names(titles)
        return {title: column - first for title, column in zip(titles, used, strict=True)}

    def cells(self, row: SheetRow) -> list[str | None]:
        """A data row's cells from the table's first column on."""
        first = self._bounds.first_column
        return [row.cells.get(column) for column in range(first, max(row.cells) + 1)]

    def _within(self, rows: Iterable[SheetRow]) -> Iterator[SheetRow]:
        """The rows inside of the range; the others are no part of anything.

        A row without cells need not be in the file. Within a header of several rows it counts: they follow one another.
        """
        last = self._bounds.first_row - 1
        for row in rows:
            if not self._bounds.first_row <= row.number <= (self._bounds.last_row or row.number):
                continue
            for number in range(last + 1, row.number):
                if self._is_begun or not self._window:
                    break
                yield SheetRow(number, {})
            last = row.number
            yield self._bounds.clip(row)

    def _begins_at(self, row: SheetRow) -> bool:
        """Begin the table if the rows seen last are its header. True where it has none, and this is its first row."""
        is_passed_over = row.number < self._bounds.first_row + self._read.skip
        if is_passed_over or (not self._window and _is_blank(row)):
            self._before.add(_line(row))
            return False
        if len(self._window) == self._window.maxlen:
            self._before.add(_line(self._window[0]))
        self._window.append(row)
        self._is_begun = len(self._window) == self._window.maxlen and self._is_header(list(self._window))
        if self._is_begun and not self._read.names:
            self.header = [self._checked(one) for one in self._window]
            self._filled.clear()
        return self._is_begun and not self.header

    def _is_header(self, rows: list[SheetRow]) -> bool:
        if not self._wanted:
            return True
        names = {_one_line(text) for text in rows[0].cells.values()}, set(_names(rows, []).values())
        return not _is_blank(rows[0]) and any(self._wanted <= mapped_names(found, self._read) for found in names)

    def _is_footer(self, row: SheetRow) -> bool:
        return self._footer is not None and self._footer.search(_line(row)) is not None

    def _checked(self, row: SheetRow) -> SheetRow:
        """The row, once every formula in it has a value; remembers which columns are in use."""
        if row.uncalculated:
            raise RefusedDelivery(
                "a formula was never calculated",
                where=f"{self._file}, cell {cell_name(row.number, row.uncalculated[0])}",
                found="a formula without a value",
                expected="the value the formula gives",
                action="open and save it in a spreadsheet program",
            )
        self._filled.update(column for column, text in row.cells.items() if text.strip())
        return row

    def _check_names(self, titles: list[str]) -> None:
        twice = sorted({title for title in titles if titles.count(title) > 1})
        if twice:
            raise RefusedDelivery(
                "the header has a name twice",
                where=self._file,
                found=", ".join(twice),
                expected="a name of its own for every column",
                action="have the columns renamed, or correct read.range or read.header_rows in the connector",
            )

    def _no_header(self) -> RefusedDelivery:
        wanted = f"a row with the cells {', '.join(sorted(self._wanted))}" if self._wanted else "a header and rows"
        return RefusedDelivery(
            "the sheet has no header",
            where=self._file,
            found=f"{self._before.count + len(self._window):,} rows",
            expected=wanted,
            action="correct read.header, read.skip, read.range or read.sheet in the connector",
        )


def _names(header: list[SheetRow], merged: list[Merged]) -> dict[int, str]:
    """A name for every column of the header: the words above each other, joined by a blank."""
    columns = sorted({column for row in header for column in row.cells})
    columns += [column for one in merged if one.first_row == header[0].number for column in _reach(one)]
    names: dict[int, str] = {}
    for column in sorted(set(columns)):
        words = [_word(header, place, column, merged) for place in range(len(header))]
        names[column] = " ".join(dict.fromkeys(word for word in words if word))
    return names


def _reach(merged: Merged) -> range:
    return range(merged.first_column, merged.last_column + 1)


def _word(header: list[SheetRow], place: int, column: int, merged: list[Merged]) -> str:
    """What one row of the header says of a column: its cell, or the one to the left that reaches over it."""
    row = header[place]
    own = _one_line(row.cells.get(column, ""))
    if own or place == len(header) - 1:
        return own
    numbers = [one.number for one in header]
    if any(one.first_row in numbers for one in merged):
        over = [one for one in merged if one.first_row == row.number and column in _reach(one)]
        return _one_line(row.cells.get(over[0].first_column, "")) if over else ""
    return _title_over(header, place, column)


def _title_over(header: list[SheetRow], place: int, column: int) -> str:
    """Without merged cells: the next title to the left, if there are words below both of them."""
    row, below = header[place], header[place + 1]
    titles = [other for other in row.cells if other < column and _one_line(row.cells[other])]
    title = max(titles, default=column)
    is_over = bool(_one_line(below.cells.get(title, ""))) and bool(_one_line(below.cells.get(column, "")))
    return _one_line(row.cells.get(title, "")) if is_over else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _is_blank(row: SheetRow) -> bool:
    return not any(text.strip() for text in row.cells.values()) and not row.uncalculated


def _line(row: SheetRow) -> str:
    """A row as a line of a margin: its cells, joined by tabs."""
    return "\t".join(row.cells.get(column, "") for column in range(1, max(row.cells, default=0) + 1))
