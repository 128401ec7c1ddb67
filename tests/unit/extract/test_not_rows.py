"""Totals among the rows are no data: left out, counted, kept beside the rows, and never taken for one."""

from typing import Any

import pytest

from tests.unit.extract.places import Place, facts
from tests.unit.extract.workbooks import book

ROWS = [("1", "x", 1), ("2", "y", 2)]
SHEET = book(["a", "b"], ["1", "x"], [None, "Total"], ["2", "y"])

# name: (content, read options, the lines that are kept)
LINES: dict[str, tuple[str | bytes, dict[str, Any], list[str]]] = {
    "in the middle": ("a,b\n1,x\nTotal,1\n2,y\n", {"not_rows": "^Total"}, ["Total,1"]),
    "first, in the middle and last": ("a,b\n,3\n1,x\n,1\n2,y\n,2\n", {"not_rows": "^,[0-9]"}, [",3", ",1", ",2"]),
    "wider than the header": ("a,b\n1,x\n2,y\n,2,Total", {"not_rows": ",Total$"}, [",2,Total"]),
    "CRLF": ("a,b\r\n1,x\r\nTotal,1\r\n2,y\r\n", {"not_rows": "^Total,1$"}, ["Total,1"]),
    "with a preamble and a footer": (
        "of\na,b\n1,x\nTotal,1\n2,y\n--\nTotal\n",
        {"header": ["a"], "not_rows": "^Total", "footer": "^--"},
        ["of", "Total,1", "--", "Total"],
    ),
    "a cell of two lines": ('a,b\n1,x\nTotal,"of\nall"\n2,y\n', {"not_rows": "^Total"}, ['Total,"of', 'all"']),
    "without a header": ("1,x\nTotal,1\n2,y\n", {"names": ["a", "b"], "not_rows": "^Total"}, ["Total,1"]),
    "in a sheet": (SHEET, {"not_rows": "^\tTotal"}, ["\tTotal"]),
    "none": ("a,b\n1,x\n2,y\n", {"not_rows": "^Total"}, []),
}


@pytest.mark.parametrize(("content", "read", "kept"), LINES.values(), ids=LINES)
def test_lines_that_are_no_data_are_kept_and_counted(
    place: Place, content: str | bytes, read: dict[str, Any], kept: list[str]
) -> None:
    place.put("orders.csv", content)
    result = place.land(read)
    assert [str(one.error) for one in result.refused] == []
    (delivery,) = result.deliveries
    count = sum("Total" in line or line[:1] == "," or line == 'all"' for line in kept if line != "Total")
    assert (place.rows(result), delivery.columns, delivery.rejected) == (ROWS, ("a", "b"), 0)
    assert (facts(delivery)["margin"], facts(delivery)["not_rows"], delivery.not_rows) == (kept, count, count)
    assert result.notes == ([f"orders.csv: {count} lines are no data (read.not_rows)"] if count else [])


def test_what_is_found_within_a_cell_is_no_line(place: Place) -> None:
    place.put("orders.csv", 'a,b\n1,"x\nTotal"\n2,y\n')
    result = place.land({"not_rows": "^Total"})
    assert place.rows(result) == [("1", "x\nTotal", 1), ("2", "y", 2)]


def test_a_line_that_cannot_be_read_keeps_its_number(place: Place) -> None:
    place.put("orders.csv", "a,b\n1,x\nTotal,1\n2,y\n3\n")
    (delivery,) = place.land({"not_rows": "^Total"}).deliveries
    rejects = str(delivery.folder / "rejects.parquet")
    assert place.connection.execute("select _source_row, line from read_parquet(?)", [rejects]).fetchall() == [(3, 5)]


def test_a_total_among_the_rows_can_be_held_against_them(place: Place) -> None:
    place.put("orders.csv", "a,b\n1,x\nTotal,3\n2,y\n")
    (refused,) = place.land(
        {"not_rows": "^Total"}, totals=[{"pattern": "^Total,([0-9]+)", "equals": "count(*)"}]
    ).refused
    assert refused.error.found == "the file states 3, count(*) is 2"


MOST = [["1", "x"]] * 11
PLACES = {"orders.csv": "a,b\n" + "1,x\n" * 11 + "2,y\n", "orders.xlsx": book(["a", "b"], *MOST, ["2", "y"])}


@pytest.mark.parametrize(("name", "content"), PLACES.items(), ids=PLACES)
def test_a_pattern_that_takes_most_lines_is_refused(place: Place, name: str, content: str | bytes) -> None:
    place.put(name, content)
    (refused,) = place.land({"not_rows": "x"}, files="orders.*").refused
    assert refused.error.what == "more lines are no data than are data"
    assert refused.error.found.startswith("11 lines that are none")


def test_a_pattern_that_takes_every_row_of_a_sheet_is_told_as_that(place: Place) -> None:
    place.put("orders.xlsx", book(["a", "b"], *MOST))
    (refused,) = place.land({"not_rows": "x"}, files="*.xlsx").refused
    assert refused.error.what == "more lines are no data than are data"


def test_records_have_no_lines_that_are_none(place: Place) -> None:
    place.put("orders.json", '[{"a": 1, "b": "x"}]')
    (refused,) = place.land({"not_rows": "x"}, files="*.json").refused
    assert refused.error.found == "read.not_rows"
