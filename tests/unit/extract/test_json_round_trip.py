"""Whatever JSON holds lands key by key alike, in every layout and however it is written."""

import io
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.extract import json_documents
from pipeline.extract.json_file import open_json
from tests.unit.extract.readings import Shelf


class Written(str):
    """A number as it is written."""


PIECES = st.sampled_from(
    ["a", "é", "漢", "😀", " ", '"', "'", "\\", "/", "\n", "\r", "\t", "\u2028", "\ufdd0", "{", "}", "[", "]", ":", ",]",
     ",}", ",", "1.10", "-0", "1e5", "null", "\x00", "\x7f"]
)  # fmt: skip
TEXT = st.lists(PIECES, max_size=5).map("".join)
NUMBER = st.tuples(
    st.sampled_from(["0", "-0", "7", "-10", "1234567890123456789012345"]),
    st.sampled_from(["", ".0", ".10", ".1234567890123456789012345"]),
    st.sampled_from(["", "e5", "E-07", "e+300"]),
).map(lambda parts: Written("".join(parts)))
KEY = st.sampled_from(["a", "b", "c d", 'e"f', "g.h", "ключ", "\ufdd1", "1.10", "$", "i\\j"])
VALUE = st.recursive(
    st.one_of(TEXT, NUMBER, st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.one_of(KEY, TEXT), inner, max_size=3)),
    max_leaves=6,
)
RECORDS = st.lists(st.dictionaries(KEY, VALUE, max_size=4), min_size=1, max_size=8).filter(any)


def written(value: Any, blank: str, is_ascii: bool) -> str:
    """JSON with numbers as they are and blanks wherever they may stand."""
    if isinstance(value, Written):
        return str(value)
    if isinstance(value, list):
        return f"[{blank}" + f"{blank},".join(written(one, blank, is_ascii) for one in value) + f"{blank}]"
    if isinstance(value, dict):
        members = [
            f"{written(key, '', is_ascii)}{blank}:{blank}{written(one, blank, is_ascii)}" for key, one in value.items()
        ]
        return f"{{{blank}" + f",{blank}".join(members) + "}"
    return json.dumps(value, ensure_ascii=is_ascii)


def cell(value: Any) -> Any:
    """What is to land: texts, truth and numbers as they are, nested values decoded, for they may be written anew."""
    if isinstance(value, bool):
        return json.dumps(value)
    return value


def landed(value: Any, text: str | None) -> Any:
    """The cell again, decoded where it is nested, numbers as texts."""
    if text is None or not isinstance(value, list | dict):
        return text
    return json.loads(text, parse_int=Written, parse_float=Written)


@settings(max_examples=settings().max_examples, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    records=RECORDS,
    layout=st.sampled_from(["lines", "array", "document", "pages"]),
    blank=st.sampled_from(["", " ", "\t", "\n  ", "\r\n"]),
    is_ascii=st.booleans(),
    has_bad_element=st.booleans(),
)
def test_values_come_back_alike(
    shelf: Shelf,
    records: list[dict[str, Any]],
    layout: str,
    blank: str,
    is_ascii: bool,
    has_bad_element: bool,
) -> None:
    """A bad element beside them sends the whole file the careful way: the same cells again."""
    blank = blank.strip("\r\n") if layout == "lines" else blank
    texts = [written(record, blank, is_ascii) for record in records] + (['{"a":1,"a":1}'] if has_bad_element else [])
    content = {
        "lines": "\n".join(texts),
        "array": f"[{','.join(texts)}]",
        "document": f'{{"n":1,"r":{{"i":[{",".join(texts)}]}}}}',
        "pages": "\n".join(f'{{"r":{{"i":[{text}]}}}}' for text in texts),
    }[layout]
    read = {"records": "r.i"} if layout in ("document", "pages") else {}
    reading = shelf.read(open_json, content.encode(), **read)
    assert reading.names == tuple(dict.fromkeys(key for record in records for key in record))
    assert len(reading.rejects) == has_bad_element
    expected = [[cell(record.get(name)) for name in reading.names] for record in records]
    assert [
        [landed(record.get(name), text) for name, text in zip(reading.names, cells, strict=True)]
        for record, cells in zip(records, reading.cells, strict=True)
    ] == expected
    assert [row[-1] for row in reading.rows] == list(range(1, len(records) + 1))


@settings(max_examples=settings().max_examples, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=RECORDS, size=st.integers(1, 70))
def test_documents_read_in_pieces_of_any_size_hold_the_same_records(records: list[dict[str, Any]], size: int) -> None:
    texts = [written(record, " ", True) for record in records]
    document = f'{{"n":-1234567890.123456789e-10,"x":[{",".join(texts)}],"r":{{"i":[{",".join(texts)}]}}}}'
    chunk, json_documents.CHUNK = json_documents.CHUNK, size
    try:
        elements = list(json_documents.records(io.StringIO(document), "x", "r.i"))
    finally:
        json_documents.CHUNK = chunk
    assert [element.raw for element in elements] == texts
    assert {element.reason for element in elements} == {""}
