"""What stands before the header and after the last row is no data, is kept, and never takes a row with it."""

import codecs
import gzip
from typing import Any

import pytest

from tests.unit.extract.places import Place, facts

ROWS = [("1", "x", 1), ("2", "y", 2)]

# name: (content, read options, the lines that are kept as margin)
MARGINS: dict[str, tuple[str | bytes, dict[str, Any], list[str]]] = {
    "skip": ("Report\n\na,b\n1,x\n2,y\n", {"skip": 2}, ["Report", ""]),
    "header": ("Report\na, of May\n\na,b\n1,x\n2,y\n", {"header": ["a", "b"]}, ["Report", "a, of May", ""]),
    "header, some of its cells": ("for b\na,b\n1,x\n2,y\n", {"header": ["b"]}, ["for b"]),
    "header, characters of several bytes before": (
        "运营报表,汇总\na,b\n1,x\n2,y\n",
        {"header": ["a", "b"]},
        ["运营报表,汇总"],
    ),
    "header on the first line": ("a,b\n1,x\n2,y\n", {"header": ["a"]}, []),
    "header, padded and quoted": ('of\n"a" , b \n1,x\n2,y\n', {"header": ["a", "b"]}, ["of"]),
    "header, another delimiter in the preamble": ("a,b,c\na;b\n1;x\n2;y\n", {"header": ["a", "b"], "delimiter": ";"}, ["a,b,c"]),
    "header, delimiter detected": ("a|Report, of, May\na;b\n1;x\n2;y\n", {"header": ["a", "b"]}, ["a|Report, of, May"]),
    "header, delimiter of two": ("of\na||b\n1||x\n2||y\n", {"header": ["a", "b"], "delimiter": "||"}, ["of"]),
    "header, an open quote before": ('of "May\na,b\n1,x\n2,y\n', {"header": ["a", "b"]}, ['of "May']),
    "header, CRLF and mark": (codecs.BOM_UTF8 + b"of\r\na,b\r\n1,x\r\n2,y\r\n", {"header": ["a"]}, ["of"]),
    "header, CR": ("of\ra,b\r1,x\r2,y\r", {"header": ["a", "b"]}, ["of"]),
    "header in another encoding": (gzip.compress("für\na,b\n1,x\n2,y\n".encode("cp1252")), {"header": ["a"], "encoding": "cp1252"}, ["für"]),
    "names": ("1,x\n2,y\n", {"names": ["a", "b"]}, []),
    "names and skip": ("of\n1,x\n2,y\n", {"names": ["a", "b"], "skip": 1}, ["of"]),
    "names, delimiter detected": ("1;x\n2;y\n", {"names": ["a", "b"]}, []),
    "names, no line end": ("1,x\n2,y", {"names": ["a", "b"]}, []),
    "names, trailing delimiter": ("1,x,\n2,y,\n", {"names": ["a", "b"]}, []),
    "footer": ("a,b\n1,x\n2,y\nTotal,2\nend\n", {"footer": "^Total"}, ["Total,2", "end"]),
    "footer that is not there": ("a,b\n1,x\n2,y\n", {"footer": "^Total"}, []),
    "footer, CRLF": ("a,b\r\n1,x\r\n2,y\r\n\r\nTotal 2\r\n", {"footer": "^Total 2$"}, ["Total 2"]),
    "footer, CR": ("a,b\r1,x\r2,y\rTotal 2", {"footer": "Total"}, ["Total 2"]),
    "footer and preamble": ("of\na,b\n1,x\n2,y\n---\nTotal 2\n", {"header": ["a"], "footer": "^---"}, ["of", "---", "Total 2"]),
    "footer and names": ("1,x\n2,y\n---\n", {"names": ["a", "b"], "footer": "^-"}, ["---"]),
    "footer with an open quote": ('a,b\n1,x\n2,y\nTotal "2\n', {"footer": "^Total"}, ['Total "2']),
}  # fmt: skip


@pytest.mark.parametrize(("content", "read", "margin"), MARGINS.values(), ids=MARGINS)
def test_the_margin_is_kept_and_the_rows_land(
    place: Place, content: str | bytes, read: dict[str, Any], margin: list[str]
) -> None:
    place.put("orders.csv", content)
    result = place.land(read)
    assert [str(one.error) for one in result.refused] == []
    assert (place.rows(result), result.deliveries[0].columns) == (ROWS, ("a", "b"))
    assert (facts(result.deliveries[0])["margin"], result.deliveries[0].rejected) == (margin, 0)


def test_a_preamble_may_be_of_any_length_and_its_ends_are_kept(place: Place) -> None:
    before = [f"line {number} {'x' * 100}" for number in range(20_000)]
    place.put("orders.csv", "\n".join([*before, "a,b", "1,x", "2,y", ""]))
    result = place.land({"header": ["a", "b"]})
    assert place.rows(result) == ROWS
    assert facts(result.deliveries[0])["margin"] == before[:200] + before[-200:]
    assert facts(result.deliveries[0])["read"]["preamble_lines"] == 20_000


def test_rows_before_a_footer_are_rejected_by_their_line(place: Place) -> None:
    place.put("orders.csv", "of\na,b\n1,x\n2\nTotal\n")
    result = place.land({"header": ["a"], "footer": "^Total"})
    assert place.rows(result) == [("1", "x", 1)]
    assert place.rows(result, "rejects.parquet") == [(2, 4, "2", "1 cells where the header has 2")]


def test_a_footer_within_a_quoted_cell_is_none(place: Place) -> None:
    place.put("orders.csv", 'a,b\n1,"x\nTotal y"\n2,z\nTotal 2\n')
    assert place.rows(place.land({"footer": "^Total"})) == [("1", "x\nTotal y", 1), ("2", "z", 2)]


def test_a_header_that_goes_on_in_the_next_line(place: Place) -> None:
    place.put("orders.csv", 'of\na,b,"c\nd"\n1,x,y\n2,y,z\n')
    result = place.land({"header": ["a", "b"]})
    assert result.deliveries[0].columns == ("a", "b", "c\nd")
    assert place.rows(result) == [("1", "x", "y", 1), ("2", "y", "z", 2)]


# name: (content, read options, what, where, found)
REFUSED: dict[str, tuple[str, dict[str, Any], str, str, str]] = {
    "header that is not there": (
        "\nof May\na,c\n1,x\n", {"header": ["a", "b"]},
        "no line holds the header", "orders.csv", "4 lines, the first of them 'of May'"),
    "footer in the middle of the rows": (
        "a,b\n1,Total\n" + "2,y\n" * 1_000, {"footer": "Total"},
        "the footer is found in the middle of the rows", "orders.csv, line 2", "'1,Total' and more than 1,000 lines after it"),
    "footer after an open quote": (
        'a,b\n1,"x\n2,y\nTotal 2\n', {"footer": "^Total"},
        "the footer is found within quotes only", "orders.csv, line 4", "a quote that was opened before and not closed"),
    "a footer and no rows": (
        "a,b\nTotal 0\n", {"footer": "^Total"},
        "the file has a header and no rows", "orders.csv", "0 data rows"),
    "names for another width": (
        "1,x\n2,y\n", {"names": ["a", "b", "c"], "delimiter": ","},
        "no row fits the header", "orders.csv, line 1", "2 cells where the header has 3"),
    "options of another format": (
        "a,b\n1,x\n", {"records": "data"},
        "reading options that delimited text has no use for", "orders.csv", "read.records"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "read", "what", "where", "found"), REFUSED.values(), ids=REFUSED)
def test_a_margin_that_would_take_rows_with_it_is_refused(
    place: Place, content: str, read: dict[str, Any], what: str, where: str, found: str
) -> None:
    place.put("orders.csv", content)
    (refusal,) = place.land(read).refused
    assert (refusal.error.what, refusal.error.where, refusal.error.found) == (what, where, found)
