"""Files of every dialect land as the same cells."""

import codecs
import gzip
import json
from typing import Any

import pytest

from tests.unit.extract.places import Place

ROWS = [("1", "x", ""), ("2", "é", "z")]

# name: (content as delivered, read options); each holds ROWS under the header a, b, c
SAME: dict[str, tuple[str | bytes, dict[str, Any]]] = {
    "comma": ("a,b,c\n1,x,\n2,é,z\n", {}),
    "semicolon": ("a;b;c\n1;x;\n2;é;z\n", {}),
    "tab": ("a\tb\tc\n1\tx\t\n2\té\tz\n", {}),
    "pipe": ("a|b|c\n1|x|\n2|é|z\n", {}),
    "caret": ("a^b^c\n1^x^\n2^é^z\n", {}),
    "several characters": ("a||b||c\n1||x||\n2||é||z\n", {"delimiter": "||"}),
    "delimiter beyond ASCII": ("a§b§c\n1§x§\n2§é§z\n", {"delimiter": "§"}),
    "all quoted": ('"a","b","c"\n"1","x",""\n"2","é","z"\n', {}),
    "single quotes, enclosing the header": ("'a','b','c'\n'1','x',''\n'2','é','z'\n", {}),
    "single quotes, said": ("a,b,c\n'1','x',''\n'2','é','z'\n", {"quote": "'"}),
    "CRLF": ("a,b,c\r\n1,x,\r\n2,é,z\r\n", {}),
    "CR alone": ("a,b,c\r1,x,\r2,é,z\r", {}),
    "mixed line ends": ("a,b,c\r\n1,x,\n2,é,z\r", {}),
    "no line end at the end": ("a,b,c\n1,x,\n2,é,z", {}),
    "blank lines": ("\na,b,c\n\n1,x,\n\n\n2,é,z\n\n", {}),
    "byte order mark": (codecs.BOM_UTF8 + "a,b,c\n1,x,\n2,é,z\n".encode(), {}),
    "byte order mark before a quote": (codecs.BOM_UTF8 + '"a",b,c\n1,x,\n2,é,z\n'.encode(), {}),
    "UTF-16 little endian": (codecs.BOM_UTF16_LE + "a,b,c\n1,x,\n2,é,z\n".encode("utf-16-le"), {}),
    "UTF-16 big endian": (codecs.BOM_UTF16_BE + "a,b,c\n1,x,\n2,é,z\n".encode("utf-16-be"), {}),
    "UTF-32": ("a,b,c\n1,x,\n2,é,z\n".encode("utf-32"), {}),
    "UTF-16 without a mark": ("a,b,c\n1,x,\n2,é,z\n".encode("utf-16-le"), {"encoding": "utf-16-le"}),
    "cp1252": ("a,b,c\n1,x,\n2,é,z\n".encode("cp1252"), {"encoding": "cp1252"}),
    "gzip": (gzip.compress("a,b,c\n1,x,\n2,é,z\n".encode()), {}),
    "gzip of cp1252": (gzip.compress("a,b,c\n1,x,\n2,é,z\n".encode("cp1252")), {"encoding": "cp1252"}),
    "gzip of two members": (gzip.compress(b"a,b,c\n1,x,\n") + gzip.compress("2,é,z\n".encode()), {}),
    "lines before the header": ('of "May\n\n;;\na,b,c\n1,x,\n2,é,z\n', {"skip": 3}),
    "lines before the header, CRLF": ("of May\r\n\r\na,b,c\r\n1,x,\r\n2,é,z\r\n", {"skip": 2}),
    "lines before the header, CR": ("of May\r\ra,b,c\r1,x,\r2,é,z\r", {"skip": 2}),
    "padded header": (" a , b\t,c  \n1,x,\n2,é,z\n", {}),
    "trailing delimiter everywhere": ("a,b,c,\n1,x,,\n2,é,z,\n", {}),
    "trailing delimiter in the header": ("a,b,c, \n1,x,\n2,é,z\n", {}),
    "trailing delimiters in the rows": ("a,b,c\n1,x,,\n2,é,z,,\n", {}),
    "quoted line break in the header": ('a,"b",c,"\n"\n1,x,\n2,é,z\n', {}),
    "blanks after a closing quote": ('a,b,c\n1,"x" ,""\n2,"é"\t,"z"  \n', {}),
}


@pytest.mark.parametrize(("content", "read"), SAME.values(), ids=SAME)
def test_every_dialect_lands_as_the_same_cells(place: Place, content: str | bytes, read: dict[str, Any]) -> None:
    place.put("orders.csv", content)
    result = place.land(read)
    assert [str(one.error) for one in result.refused] == []
    assert place.rows(result) == [(*row, number) for number, row in enumerate(ROWS, 1)]
    assert result.deliveries[0].columns == ("a", "b", "c")
    assert (result.deliveries[0].rows, result.deliveries[0].rejected) == (2, 0)


# name: (content, the cells of column b)
UNTOUCHED = {
    "blanks and tabs around": ("a,b\n1, x \n2,y\t\n", [" x ", "y\t"]),
    "words for null": ("a,b\n1,NULL\n2,NA\n3,\\N\n", ["NULL", "NA", "\\N"]),
    "quoted and unquoted emptiness": ('a,b\n1,\n2,""\n', ["", ""]),
    "numbers and dates": ("a,b\n1,007\n2,1e5\n3,2024-02-30\n", ["007", "1e5", "2024-02-30"]),
    "delimiter, quote and line breaks": ('a,b\n1,"x,""y""\r\nz\n"\n', ['x,"y"\r\nz\n']),
    "quote inside an unquoted cell": ('a,b\n1,5" pipe\n2,6"" pipe\n', ['5" pipe', '6"" pipe']),
    "backslash is no escape": ('a,b\n1,"x\\"\n2,\\,\n', ["x\\", "\\"]),
    "comment signs": ("a,b\n#1,#x\n", ["#x"]),
    "apostrophes": ("a,b\n'1,O'Brien\n", ["O'Brien"]),
    "beyond the basic plane": ("a,b\n1,😀漢\u2028\x85\n", ["😀漢\u2028\x85"]),
}


@pytest.mark.parametrize(("content", "cells"), UNTOUCHED.values(), ids=UNTOUCHED)
def test_values_land_as_delivered(place: Place, content: str, cells: list[str]) -> None:
    place.put("orders.csv", content)
    assert [row[1] for row in place.rows(place.land())] == cells


# name: (content, the delimiter it is kept apart by)
DETECTED = {
    "texts full of commas": ("a\tb\n1\tx, y, z\n2\tx, y, z\n", "\t"),
    "decimal commas": ("a;b;c\n1;1,50;x, y\n2;2,75;z\n", ";"),
    "comma in the header": ("a;b, in EUR\n1;x, y\n2;z\n", ";"),
    "JSON": ('a\tb\n1\t{"p": 1, "q": [2]}\n2\t{"p": 3, "q": [4]}\n', "\t"),
    "ragged rows": ("a,b,c\n1,2\n1,2,3\n,,\n1,2,3,4\n", ","),
    "times": ("a,b\n12:30:00,x\n13:31:01,y\n", ","),
    "one column": ("a\nx, y\nz\n", ","),
    "quoted cells with others": ('"a";"b"\n"1,2,3";"4,5"\n"x|y";"z"\n', ";"),
}


@pytest.mark.parametrize(("content", "delimiter"), DETECTED.values(), ids=DETECTED)
def test_the_delimiter_is_detected(place: Place, content: str, delimiter: str) -> None:
    place.put("orders.csv", content)
    delivery = place.land().deliveries[0]
    assert json.loads((delivery.folder / "load.json").read_text())["read"]["delimiter"] == delimiter


def test_one_column_keeps_empty_cells_and_leaves_out_blank_lines(place: Place) -> None:
    place.put("orders.csv", 'a\n1\n\n""\n2\n\n')
    assert place.rows(place.land()) == [("1", 1), ("", 2), ("2", 3)]


def test_an_unnamed_column_between_named_ones_is_called_by_its_position(place: Place) -> None:
    place.put("orders.csv", ",a\n1,x\n")
    result = place.land()
    assert result.deliveries[0].columns == ("column_1", "a")
    assert place.rows(result) == [("1", "x", 1)]


def test_names_that_sql_and_globs_would_trip_over(place: Place) -> None:
    place.put("o'r[d]ers *?.csv", """a,"b""c",d'e,"select",f g\n1,2,3,4,5\n""")
    result = place.land()
    assert result.deliveries[0].columns == ("a", 'b"c', "d'e", "select", "f g")
    assert place.rows(result) == [("1", "2", "3", "4", "5", 1)]
