"""The cells of a sheet as text, row by row as the file has them: nothing rounded, nothing left out.

openpyxl reads the cells; its own walk over a read-only sheet is passed by, because it drops rows that are out of
order, does not tell a formula without a value from an empty cell, and forgets merged and hidden cells.
"""

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, SubElement

from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet._reader import FORMULA_TAG, INLINE_STRING, MERGE_TAG, ROW_TAG, VALUE_TAG, WorkSheetParser
from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from pipeline.extract.workbook_package import Package, Sheet

_PLAIN_TEXT = f"{{{SHEET_MAIN_NS}}}t"
# Excel writes control characters as _x000D_; openpyxl leaves them so
_ESCAPED = re.compile(r"_x00([01][0-9A-Fa-f])_")


class SheetRow(NamedTuple):
    """One row: its number in the sheet, the texts of its cells by column (1 is A), and what is peculiar to it.

    `uncalculated` are columns of formulas of which the file holds no value, `formulas` counts all others.
    """

    number: int
    cells: dict[int, str]
    uncalculated: tuple[int, ...] = ()
    formulas: int = 0
    is_hidden: bool = False


class Merged(NamedTuple):
    """Cells merged into one: the first of them holds the value."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


class SheetCells:
    """The rows of a sheet; `merged` is complete once all rows have been taken, as the file says it last."""

    def __init__(self, package: Package, sheet: Sheet) -> None:
        self._package, self._sheet = package, sheet
        self.merged: list[Merged] = []

    def rows(self) -> Iterator[SheetRow]:
        workbook = self._package.workbook
        with self._package.part(self._sheet) as source:
            parser = _Parser(
                source,
                self._package.texts,
                data_only=True,
                epoch=workbook.epoch,
                date_formats=workbook._date_formats,
                timedelta_formats=workbook._timedelta_formats,
            )
            # Not its own walk: that fails at validations, links and formats no cell's value depends on
            for _, element in iterparse(source):
                if element.tag == ROW_TAG:
                    yield _row(parser, *parser.parse_row(element))
                    element.clear()
                elif element.tag == MERGE_TAG:
                    self.merged = [_merged(one.get("ref", "")) for one in element]


class _Parser(WorkSheetParser):
    """Tells what formulas were calculated, and keeps a number that is too large to be the date it is shown as."""

    def parse_cell(self, element: Element) -> dict[str, Any]:
        inline = element.find(INLINE_STRING)
        if inline is not None and len(inline) == 1 and inline[0].tag == _PLAIN_TEXT:
            # Plain text within the cell: openpyxl would build an object of rich text for each, at three times the cost
            element.set("t", "str")
            SubElement(element, VALUE_TAG).text = inline[0].text
        cell: dict[str, Any] = super().parse_cell(element)
        is_number = element.get("t", "n") == "n"
        if is_number and cell["data_type"] == "e":
            cell["value"] = float(element.findtext(VALUE_TAG, ""))
        cell["is_formula"] = element.find(FORMULA_TAG) is not None
        # An empty text is a value too: = "" gives one
        cell["is_missing"] = cell["is_formula"] and cell["value"] is None and element.get("t") != "str"
        return cell


def cell_name(row: int, column: int) -> str:
    """A cell as a spreadsheet names it, for example B3."""
    return f"{get_column_letter(column)}{row}"


def as_text(value: object) -> str:
    """A cell's value: ISO 8601 for dates and times, numbers in their shortest exact form without exponent."""
    if isinstance(value, str):
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    if isinstance(value, dt.datetime):
        is_date = value.time() == dt.time()
        return value.date().isoformat() if is_date else value.isoformat(sep=" ")
    if isinstance(value, dt.timedelta):
        return _duration(value)
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def _duration(value: dt.timedelta) -> str:
    """Hours, minutes and seconds; hours go beyond 24, and a negative duration has a sign."""
    seconds, microseconds = divmod(abs(value) // dt.timedelta(microseconds=1), 1_000_000)
    sign, fraction = "-" if value < dt.timedelta() else "", f".{microseconds:06}" if microseconds else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


def _row(parser: _Parser, number: int, cells: list[dict[str, Any]]) -> SheetRow:
    # The parser keeps what it knows of every row; a million of them would fill the memory
    attributes = parser.row_dimensions.pop(str(number), {})
    return SheetRow(
        number,
        {cell["column"]: as_text(cell["value"]) for cell in cells if cell["value"] is not None},
        tuple(cell["column"] for cell in cells if cell["is_missing"]),
        sum(cell["is_formula"] for cell in cells),
        attributes.get("hidden") in ("1", "true"),
    )


def _merged(reference: str) -> Merged:
    first_column, first_row, last_column, last_row = (int(bound or 1) for bound in range_boundaries(reference))
    return Merged(first_row, last_row, first_column, last_column)
