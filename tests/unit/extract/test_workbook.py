"""Cells of a workbook land as the text a person reads in them, from the table a person sees."""

import datetime as dt
from typing import Any

import pytest

from pipeline.extract.workbook import open_workbook
from tests.unit.extract.readings import Shelf
from tests.unit.extract.workbooks import SHEET_XML, book, changed, sheet, with_texts

# name: (the value, its number format if any, the cell)
VALUES: dict[str, tuple[Any, str | None, str | None]] = {
    "whole": (7, None, "7"),
    "whole, kept as a double": (7.0, None, "7"),
    "decimal": (1.1, None, "1.1"),
    "percent": (0.125, "0.0%", "0.125"),
    "money": (1234.5, '"$"#,##0.00', "1234.5"),
    "date": (dt.date(2024, 2, 29), None, "2024-02-29"),
    "date and time": (dt.datetime(2024, 2, 29, 13, 5, 7), None, "2024-02-29 13:05:07"),
    "milliseconds": (dt.datetime(2024, 2, 29, 13, 5, 7, 250000), None, "2024-02-29 13:05:07.250000"),
    "time": (dt.time(8, 30), None, "08:30:00"),
    "duration": (dt.timedelta(hours=26, minutes=3, seconds=4), "[h]:mm:ss", "26:03:04"),
    "number shown as a date": (45322, "dd/mm/yyyy", "2024-01-31"),
    "number too large for a date": (20240131000, "yyyy-mm-dd", "20240131000"),
    "truth": (True, None, "true"),
    "text": (" x ", None, " x "),
    "text that looks like a number": ("007", None, "007"),
    "text of several lines": ("a\nb\t漢😀", None, "a\nb\t漢😀"),
    "text with an escaped return": ("a_x000D_\nb_x0041_", None, "a\r\nb_x0041_"),
    "error": ("#N/A", None, "#N/A"),
    "nothing": (None, None, None),
}


@pytest.mark.parametrize(("value", "number_format", "cell"), VALUES.values(), ids=VALUES)
def test_values_land_as_they_are_read(shelf: Shelf, value: Any, number_format: str | None, cell: str | None) -> None:
    def change(orders: Any) -> None:
        if number_format:
            orders["B2"].number_format = number_format

    reading = shelf.read(open_workbook, book(["a", "b"], ["1", value], change=change))
    assert reading.names == ("a", "b")
    assert reading.rows == [("1", cell, 1)]


# as the file has it: the cell
NUMBERS = {
    "7.0": "7",
    "1.1000000000000001": "1.1",
    "0.30000000000000004": "0.30000000000000004",
    "1.2E-7": "0.00000012",
    "1.5E+22": "15000000000000000000000",
    "-1234567.89": "-1234567.89",
    "12345678901234567": "12345678901234567",
}


@pytest.mark.parametrize(("written", "cell"), NUMBERS.items())
def test_numbers_land_exactly_and_as_short_as_can_be(shelf: Shelf, written: str, cell: str) -> None:
    rows = f'<row><c t="inlineStr"><is><t>a</t></is></c></row><row><c><v>{written}</v></c></row>'
    assert shelf.read(open_workbook, sheet(rows)).cells == [(cell,)]


def test_texts_that_cells_share_land_whole(shelf: Shelf) -> None:
    rows = '<row><c t="s"><v>0</v></c></row><row><c t="s"><v>1</v></c></row><row><c t="s"><v>2</v></c></row>'
    texts = (
        "<t>a</t>",
        '<r><t xml:space="preserve">rich </t></r><r><rPr><b/></rPr><t>text</t></r>',
        '<t>課</t><rPh sb="0" eb="1"><t>か</t></rPh>',
    )
    assert shelf.read(open_workbook, with_texts(sheet(rows), *texts)).cells == [("rich text",), ("課",)]


HEADER: list[Any] = ["a", "b"]
ROWS: list[list[Any]] = [["1", "x"], ["2", None]]
LANDED = [("1", "x", 1), ("2", None, 2)]

# name: (rows of the sheet, read options, margin); each holds ROWS under a and b
SAME: dict[str, tuple[list[list[Any]], dict[str, Any], tuple[str, ...]]] = {
    "from the first row": ([HEADER, *ROWS], {}, ()),
    "blank rows between": ([[], HEADER, [None, " "], ROWS[0], [], [], ROWS[1], []], {}, ()),
    "padded header": ([[" a ", "b\n"], *ROWS], {}, ()),
    "rows skipped": ([["Report"], [], HEADER, *ROWS], {"skip": 2}, ("Report",)),
    "header found": ([["a"], ["b", "c"], HEADER, *ROWS], {"header": ["b", "a"]}, ("a", "b\tc")),
    "footer": ([HEADER, *ROWS, ["Total", 3], ["end"]], {"footer": "^Total\t3$"}, ("Total\t3", "end")),
    "no header": ([["Report"], *ROWS], {"names": ["a", "b"], "skip": 1}, ("Report",)),
    "range from a cell on": ([["x"], ["x", "y"], ["z", *HEADER], ["z", *ROWS[0]], ["z", *ROWS[1]]], {"range": "B3"}, ()),
    "range of columns": ([["z", *HEADER, "o"], ["z", *ROWS[0], "o"], ["z", *ROWS[1]]], {"range": "B1:C"}, ()),
    "range of cells": ([["z", *HEADER], ["z", *ROWS[0]], ["z", *ROWS[1]], ["z", "3", "o"]], {"range": "B1:C3"}, ()),
    "table further right": ([[None, *HEADER], [None, *ROWS[0]], [None, *ROWS[1]]], {}, ()),
    "empty column between": ([["a", None, "b"], ["1", " ", "x"], ["2"]], {}, ()),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "read", "margin"), SAME.values(), ids=SAME)
def test_the_table_is_found_within_the_sheet(
    shelf: Shelf, rows: list[list[Any]], read: dict[str, Any], margin: tuple[str, ...]
) -> None:
    reading = shelf.read(open_workbook, book(*rows), **read)
    assert reading.names == ("a", "b")
    assert reading.rows == LANDED
    assert tuple(line for line in reading.margin if line) == margin


# name: (rows of the header, merged cells, names)
HEADERS: dict[str, tuple[list[list[Any]], list[str], tuple[str, ...]]] = {
    "merged": (
        [["Date", "Sales", None, "Costs", None, None], [None, "Units", "Value", "Units", "Value", "Note"]],
        ["A1:A2", "B1:C1", "D1:E1"],
        ("Date", "Sales Units", "Sales Value", "Costs Units", "Costs Value", "Note"),
    ),
    "blank to the right of a title": (
        [["Date", "Sales", None, "Costs", None], [None, "Units", "Value", "Units", "Value"]],
        [],
        ("Date", "Sales Units", "Sales Value", "Costs Units", "Costs Value"),
    ),
    "the same word twice": ([["Region", "Region"], ["Region", "Code"]], [], ("Region", "Region Code")),
    "a title of years": ([[2024, None], ["Q1", "Q2"]], ["A1:B1"], ("2024 Q1", "2024 Q2")),
    "three rows": ([["A", None], ["B", "C"], ["d", "e"]], ["A1:B1"], ("A B d", "A C e")),
    "an empty second row": ([["a", "b"], []], [], ("a", "b")),
}


@pytest.mark.parametrize(("header", "merged", "names"), HEADERS.values(), ids=HEADERS)
def test_rows_of_a_header_are_joined(
    shelf: Shelf, header: list[list[Any]], merged: list[str], names: tuple[str, ...]
) -> None:
    def change(orders: Any) -> None:
        for cells in merged:
            orders.merge_cells(cells)

    cells = [str(number) for number in range(len(names))]
    reading = shelf.read(open_workbook, book(*header, cells, change=change), header_rows=len(header))
    assert reading.names == names
    assert reading.rows == [(*cells, 1)]


@pytest.mark.parametrize("wanted", [["Date"], ["Date", "Sales Units"], ["Sales Value"]])
def test_a_header_of_two_rows_is_found_by_its_names(shelf: Shelf, wanted: list[str]) -> None:
    rows: list[list[Any]] = [["Report", 2024], [], ["Date", "Sales", None], [None, "Units", "Value"], ["1", "2", "3"]]
    reading = shelf.read(open_workbook, book(*rows), header=wanted, header_rows=2)
    assert reading.names == ("Date", "Sales Units", "Sales Value")
    assert reading.rows == [("1", "2", "3", 1)]
    assert reading.margin[0] == "Report\t2024"


def test_a_column_without_a_name_that_holds_data_is_called_by_its_position(shelf: Shelf) -> None:
    reading = shelf.read(open_workbook, book(["a", None, "c"], ["1", "x", "2"], ["3", None, None, None, "y"]))
    assert reading.names == ("a", "column_2", "c", "column_5")
    assert reading.cells == [("1", "x", "2", None), ("3", None, None, "y")]


def test_columns_asked_for_are_those_written(shelf: Shelf) -> None:
    assert shelf.read(open_workbook, book(["a", "b", "c"], [1, 2, 3]), ("c", "a")).rows == [("3", "1", 1)]


@pytest.mark.parametrize(("name", "cell"), [(None, "1"), ("Costs", "2"), (" costs ", "2"), ("Secret", "3")])
def test_the_sheet_is_the_first_visible_one_or_the_one_named(shelf: Shelf, name: str | None, cell: str) -> None:
    def hide(orders: Any) -> None:
        orders.parent["Secret"].sheet_state = "hidden"
        orders.parent.move_sheet("Secret", -2)

    content = book(["a"], ["1"], Costs=[["a"], ["2"]], Secret=[["a"], ["3"]], change=hide)
    reading = shelf.read(open_workbook, content, sheet=name)
    assert reading.cells == [(cell,)]
    assert bool(reading.used["notes"]) == (name is None)


def test_another_visible_sheet_is_told_of(shelf: Shelf) -> None:
    notes = shelf.read(open_workbook, book(["a"], ["1"], Costs=[["a"]])).used["notes"]
    assert notes == ["of its sheets 'Orders' is read, not 'Costs' (read.sheet)"]


def test_hidden_rows_are_read_and_told_of(shelf: Shelf) -> None:
    def hide(orders: Any) -> None:
        orders.row_dimensions[3].hidden = True

    reading = shelf.read(open_workbook, book(["a"], ["1"], ["2"], ["3"], change=hide))
    assert reading.cells == [("1",), ("2",), ("3",)]
    assert reading.used["notes"] == ["1 of its rows are hidden in the sheet, and read like the others"]


def test_the_value_of_a_formula_is_the_one_last_calculated(shelf: Shelf) -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
        '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row>'
        '<row r="3"><c r="A3" t="str"><f>"x"</f><v>x</v></c></row>'
        '<row r="4"><c r="A4" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        '<row r="5"><c r="A5" t="b"><f>TRUE()</f><v>1</v></c></row>'
        '<row r="6"><c r="A6" t="str"><f>""</f><v></v></c><c r="B6"><v>9</v></c></row>'
    )
    content = changed(sheet(rows), "xl/workbook.xml", (' fullCalcOnLoad="1"', ""))
    reading = shelf.read(open_workbook, content)
    assert reading.cells == [("2", None), ("x", None), ("#DIV/0!", None), ("true", None), (None, "9")]
    assert reading.used["notes"] == []
    (note,) = shelf.read(open_workbook, sheet(rows)).used["notes"]
    assert note.startswith("5 of its cells are formulas it asks to calculate")


def test_dates_are_counted_from_the_workbooks_own_first_day(shelf: Shelf) -> None:
    content = book(["a"], [dt.date(2024, 1, 31)])
    mac = changed(content, "xl/workbook.xml", ("<workbookPr />", '<workbookPr date1904="1"/>'))
    assert shelf.read(open_workbook, mac).cells == [("2028-02-01",)]


def test_rows_out_of_order_and_without_numbers_are_all_read(shelf: Shelf) -> None:
    rows = "".join(
        f'<row{number}><c t="inlineStr"><is><t>{text}</t></is></c></row>'
        for number, text in [("", "a"), (' r="4"', "4"), (' r="2"', "2"), (' r="2"', "2b")]
    )
    assert shelf.read(open_workbook, sheet(rows)).rows == [("4", 1), ("2", 2), ("2b", 3)]


def test_a_size_stated_wrongly_costs_no_cell(shelf: Shelf) -> None:
    content = book(["a", "b"], ["1", "2"], ["3", "4"])
    wrong = changed(content, SHEET_XML, ('<dimension ref="A1:B3"', '<dimension ref="A1:A1"'))
    assert shelf.read(open_workbook, wrong).cells == [("1", "2"), ("3", "4")]


def test_many_rows_and_long_cells_land_whole(shelf: Shelf) -> None:
    rows = [[number, "x" * 32_000 if number % 1000 == 0 else f"line\n{number}"] for number in range(1, 3001)]
    reading = shelf.read(open_workbook, book(["n", "text"], *rows))
    assert reading.rows == [(str(number), text, number) for number, text in rows]
