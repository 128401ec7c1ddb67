"""What is refused as a whole: a document broken anywhere, records that are not where they should be."""

from typing import Any

import pytest

from pipeline.errors import RefusedDelivery
from pipeline.extract import json_documents, json_file
from pipeline.extract.json_file import open_json
from tests.unit.extract.readings import FILE, Shelf

# name: (content, read options, where, what, found)
REFUSED: dict[str, tuple[str, dict[str, Any], str, str, str]] = {
    "array cut off": ('[{"a":1},\n{"a":2', {}, ", line 2", "the JSON document is broken", "Expecting ',' delimiter"),
    "array without end": ('[{"a":1},\n', {}, ", line 2", "the JSON document is broken", "Expecting value"),
    "array not closed": ('[{"a":1}\n', {}, ", line 2", "the JSON document is broken", "the end of the file where"),
    "trailing comma": ('[{"a":1},\n]', {}, ", line 2", "the JSON document is broken", "Expecting value"),
    "text after the array": ('[{"a":1}]\nx', {}, ", line 2", "the records are not where", "a plain value"),
    "number alone": ("[]\n12", {}, ", line 2", "the records are not where they should be", "a plain value"),
    "document cut off": ('{"data":[{"a":1}],\n"n":', {"records": "data"}, ", line 2", "broken", "Expecting value"),
    "document not closed": ('{"data":[{"a":1}]', {"records": "data"}, ", line 1", "broken", "the end of the file"),
    "member without a colon": ('{"data" 1}', {"records": "data"}, ", line 1", "broken", "'1' where : is expected"),
    "member without a key": ("{1: 2}", {"records": "data"}, ", line 1", "broken", "'1' where a key is expected"),
    "comma before the end": ('{"data":[{"a":1}],}', {"records": "data"}, ", line 1", "broken", "'}' where a key"),
    "path nowhere": ('{"error":"x"}', {"records": "data"}, ", line 1", "the records are not where", "error"),
    "path in no page": ('{"data":[]}\n{"b":{}}', {"records": "data"}, ", line 2", "the records are not where", "b"),
    "object at the path": ('{"data":{"id":1}}', {"records": "data"}, ", line 1", "not where", "an object"),
    "text at the path": ('{"data":"x"}', {"records": "data"}, ", line 1", "not where", "a text"),
    "path twice": ('{"data":[],"data":[{"a":1}]}', {"records": "data"}, ", line 1", "broken", "the key 'data' twice"),
    "array in the path": ('{"data":[7]}', {"records": "data.x"}, ", line 1", "not where", "a plain value"),
    "only what is no record": ("[1,2]", {}, ", line 1", "without loss", "a number, not an object"),
    "too deep": ("[" * 100_000, {}, ", line 1", "the JSON document is broken", "nested too deeply"),
    "nothing": ("[]", {}, "", "the file holds no rows", "0 rows"),
    "no records in any page": ('{"data":[]}', {"records": "data"}, "", "the file holds no rows", "0 rows"),
    "keys that differ in case": ('{"a":1}\n{"A":2}', {}, "", "no names of columns", "a, A"),
    "a key without a name": ('{"":1}', {}, "", "no names of columns", "a key without a name"),
    "no keys": ("{}", {}, "", "no names of columns", "0 keys"),
    "every mark taken": ('{"a":"\ufdd0\ufdd1\\ufdd2\ufdd3"}', {}, "", "without loss", "every character"),
    "options of another format": ('{"a":1}', {"skip": 1, "footer": "x"}, "", "no use for", "read.skip, read.footer"),
}


@pytest.mark.parametrize(("content", "read", "where", "what", "found"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_and_told_where(
    shelf: Shelf, content: str, read: dict[str, Any], where: str, what: str, found: str
) -> None:
    with pytest.raises(RefusedDelivery) as refusal:
        shelf.read(open_json, content.encode(), **read)
    assert refusal.value.where == FILE + where
    assert what in refusal.value.what
    assert found in refusal.value.found
    assert refusal.value.action


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ('{"a":1}\n{"a":"' + "x" * 2000 + '"}\n{"a":\n', {}),
        ('[{"a":"' + "x" * 2000 + '"}]', {}),
        ('{"b":"' + "x" * 2000 + '","data":[{"a":1}]}', {"records": "data"}),
    ],
    ids=["line", "element", "member beside the path"],
)
def test_an_object_beyond_the_bound_is_refused(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, content: str, read: dict[str, Any]
) -> None:
    for module in (json_file, json_documents):
        monkeypatch.setattr(module, "LONGEST_VALUE", 1000)
    monkeypatch.setattr(json_documents, "CHUNK", 100)
    with pytest.raises(RefusedDelivery, match="an object longer than"):
        shelf.read(open_json, content.encode(), **read)


def test_too_many_columns_are_refused(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_file, "MOST_COLUMNS", 3)
    with pytest.raises(RefusedDelivery, match="4 keys"):
        shelf.read(open_json, b'{"a":1,"b":1}\n{"c":1,"d":1}')
