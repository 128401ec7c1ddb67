"""JSON of every layout lands as the same cells, and every value as it is written."""

from typing import Any

import pytest

from pipeline.extract.json_file import open_json
from tests.unit.extract.readings import Shelf

# name: (content, read options); each holds the records {"a": 1, "b": "x"} and {"a": 2, "c": null}
SAME: dict[str, tuple[str, dict[str, Any]]] = {
    "lines": ('{"a":1,"b":"x"}\n{"a":2,"c":null}\n', {}),
    "lines, CRLF and no end": ('{"a":1,"b":"x"}\r\n{"a":2,"c":null}', {}),
    "lines, CR alone": ('{"a":1,"b":"x"}\r{"a":2,"c":null}\r', {}),
    "lines between blank ones": ('\n{"a":1,"b":"x"}\n  \n\n\t{"a":2,"c":null}  \n\n', {}),
    "lines after a byte order mark": ('\ufeff{"a":1,"b":"x"}\n{"a":2,"c":null}\n', {}),
    "array": ('[{"a":1,"b":"x"},{"a":2,"c":null}]', {}),
    "array over many lines": ('[\n  {\n    "a": 1,\r\n    "b": "x"\n  },\n  {"a": 2, "c": null}\n]\n', {}),
    "array after a byte order mark": ('\ufeff[{"a":1,"b":"x"},{"a":2,"c":null}]', {}),
    "array a line": ('[{"a":1,"b":"x"}]\n[]\n[{"a":2,"c":null}]\n', {}),
    "objects over many lines": ('{\n"a": 1, "b": "x"\n}\n{\n"a": 2, "c": null\n}\n', {}),
    "document": ('{"meta":{"data":[7]},"data":[{"a":1,"b":"x"},{"a":2,"c":null}],"more":false}', {"records": "data"}),
    "path": ('{"r":{"n":2,"i":[{"a":1,"b":"x"},{"a":2,"c":null}]}}', {"records": "r.i"}),
    "pages": (
        '{"data":[{"a":1,"b":"x"}]}\n{"data":[]}\n{"data":null}\n{"n":1,"data":[{"a":2,"c":null}]}\n',
        {"records": "data"},
    ),
    "path through an array": (
        '{"edges":[{"cursor":"1","node":{"a":1,"b":"x"}},{"node":{"a":2,"c":null}}]}',
        {"records": "edges.node"},
    ),
}


@pytest.mark.parametrize(("content", "read"), SAME.values(), ids=SAME)
def test_every_layout_lands_as_the_same_cells(shelf: Shelf, content: str, read: dict[str, Any]) -> None:
    reading = shelf.read(open_json, content.encode(), **read)
    assert reading.names == ("a", "b", "c")
    assert reading.rows == [("1", "x", None, 1), ("2", None, None, 2)]
    assert reading.rejects == []
    assert reading.margin == ()


# name: (the value as it is written, the cell)
VALUES: dict[str, tuple[str, str | None]] = {
    "trailing zeros": ("1.10", "1.10"),
    "twenty digits": ("12345678901234567890", "12345678901234567890"),
    "more digits than a double has": ("0.1234567890123456789012", "0.1234567890123456789012"),
    "exponents": ("-1.50E+07", "-1.50E+07"),
    "negative zero": ("-0", "-0"),
    "beyond all doubles": ("1e999", "1e999"),
    "not a number": ("NaN", "NaN"),
    "text": (r'"é \u00e9 \"q\" \\ \/ \n \ud83d\ude00"', 'é é "q" \\ / \n 😀'),
    "text that looks like a number": ('"1.10"', "1.10"),
    "text that looks like JSON": (r'"[1.10,] {\"a\": 1.10,}"', '[1.10,] {"a": 1.10,}'),
    "text that is empty": ('""', ""),
    "text that says null": ('"null"', "null"),
    "null": ("null", None),
    "truth": ("true", "true"),
    "object": ('{ "p": 1.10, "q": [1.0, "2.50", null], "r": {} }', '{"p":1.10,"q":[1.0,"2.50",null],"r":{}}'),
    "array": ('[ 12345678901234567890, "x\\"1.0\\"", -0.0 ]', '[12345678901234567890,"x\\"1.0\\"",-0.0]'),
    "what marks a number within": ('"\ufdd0 1.0 \\uFDD1"', "\ufdd0 1.0 \ufdd1"),
    "a mark beside numbers": ('["\ufdd0", 1.0]', '["\ufdd0",1.0]'),
}


@pytest.mark.parametrize(("written", "cell"), VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("layout", ['{{"a": {}}}', '[{{"a": {}}},\n{{"a": 1}}]'], ids=["lines", "document"])
def test_values_land_as_written(shelf: Shelf, written: str, cell: str | None, layout: str) -> None:
    reading = shelf.read(open_json, layout.format(written).encode())
    assert reading.cells[0] == (cell,)


NAMES = ["b", "a", "c d", "e.f", "$", 'g"h', "i'j", "select", "é", " k "]


def test_keys_are_columns_in_order_of_first_appearance(shelf: Shelf) -> None:
    first = '{"b":1,"a":{"z":1}}\n{"a":2,"c d":3,"b":4}\n'
    last = r'{"e.f":5,"$":6,"g\"h":7,"i' + "'" + r'j":8,"select":9,"\u00e9":10," k ":11}'
    reading = shelf.read(open_json, (first + last).encode())
    assert reading.names == tuple(NAMES)
    assert reading.cells == [
        ("1", '{"z":1}', *[None] * 8),
        ("4", "2", "3", *[None] * 7),
        (None, None, None, *map(str, range(5, 12))),
    ]


# name: (a line that is no record, its reason)
REJECTED = {
    "cut off": ('{"a":5', "Expecting ',' delimiter at character 7"),
    "trailing comma": ('{"a":5,}', "at character"),
    "trailing comma inside": ('{"a":[5, ]}', "at character"),
    "doubled key": ('{"a":3,"a":4}', "the key 'a' stands twice in one object"),
    "doubled key, written in two ways": (r'{"a":3,"\u0061":4}', "the key 'a' stands twice in one object"),
    "doubled key inside": ('{"a":[{"q":1,"q":2}]}', "the key 'q' stands twice in one object"),
    "two on a line": ('{"a":6}{"a":7}', "text after the end of the object, at character 8"),
    "number": ("12", "a number, not an object"),
    "null": ("null", "null, not an object"),
    "text": ('"a"', "a text, not an object"),
    "array": ("[1]", "an array, not an object"),
    "leading zero": ('{"a":01}', "Expecting ',' delimiter at character 7"),
    "half of a character": (r'{"a":"\ud800"}', "half of a surrogate pair"),
    "control character": ('{"a":"\x01"}', "Invalid control character at at character 7"),
    "no JSON at all": ("a,b", "Expecting value at character 1"),
    "too deep": ('{"a":' + "[" * 100_000, "nested too deeply"),
}


@pytest.mark.parametrize(("line", "reason"), REJECTED.values(), ids=REJECTED)
def test_a_line_that_is_no_record_is_rejected_and_the_others_land(shelf: Shelf, line: str, reason: str) -> None:
    reading = shelf.read(open_json, f'{{"a":1}}\n\n{line}\n{{"a":2}}\n'.encode())
    assert reading.rows == [("1", 1), ("2", 3)]
    ((number, place, raw, why),) = reading.rejects
    assert (number, place, raw) == (2, 3, line)
    assert reason in why


def test_a_broken_first_line_is_rejected_too(shelf: Shelf) -> None:
    reading = shelf.read(open_json, b'{"a":1\n{"a":2}\n{"a":3}\n')
    assert reading.rows == [("2", 2), ("3", 3)]
    assert [reject[:3] for reject in reading.rejects] == [(1, 1, '{"a":1')]


def test_an_element_that_is_no_record_is_rejected_with_its_line(shelf: Shelf) -> None:
    reading = shelf.read(open_json, b'[\n{"a":1},\n7,\n{"a":{"b":2,"b":3}},\n{"a":4}]')
    assert reading.rows == [("1", 1), ("4", 4)]
    assert reading.rejects == [
        (2, 3, "7", "a number, not an object"),
        (3, 4, '{"a":{"b":2,"b":3}}', "the key 'b' stands twice in one object"),
    ]


def test_an_empty_object_is_a_row(shelf: Shelf) -> None:
    assert shelf.read(open_json, b'{"a":1}\n{}\n').rows == [("1", 1), (None, 2)]


def test_columns_asked_for_are_those_written(shelf: Shelf) -> None:
    assert shelf.read(open_json, b'{"a":1.0,"b":2.0,"c":3.0}', ("c", "a")).rows == [("3.0", "1.0", 1)]
