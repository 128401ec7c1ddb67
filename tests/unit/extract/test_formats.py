"""The content says what a file is; what the connector says is checked against it."""

import gzip
import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest
import yaml
import zstandard

from pipeline.connector import Connector, Read
from pipeline.settings import REPOSITORY
from tests.unit.extract.places import Place, facts

TEXT = "a,b\n1,x\n2,y\n"
JSON = '{"a":"1","b":"x"}\n{"a":"2","b":"y"}\n'
ROWS = [("1", "x", 1), ("2", "y", 2)]


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["a", "b"], ["1", "x"], ["2", "y"]):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet(place: Place) -> bytes:
    path = place.landing.parent / "made.parquet"
    place.connection.execute(f"copy (from (values ('1', 'x'), ('2', 'y')) as t(a, b)) to '{path}' (format parquet)")
    return path.read_bytes()


# name: (file, content, read options, format, compression)
CONTENTS: dict[str, tuple[str, bytes, dict[str, Any], str, str]] = {
    "text": ("o.csv", TEXT.encode(), {}, "csv", "none"),
    "text, said": ("o.csv", TEXT.encode(), {"format": "csv"}, "csv", "none"),
    "text that begins like a list": ("o.csv", b"[a],b\n1,x\n2,y\n", {}, "csv", "none"),
    "gzip": ("o.csv.gz", gzip.compress(TEXT.encode()), {}, "csv", "gzip"),
    "zstd": ("o.csv.zst", zstandard.compress(TEXT.encode()), {}, "csv", "zstd"),
    "zstd of two frames": ("o.csv.zst", zstandard.compress(TEXT[:8].encode()) + zstandard.compress(TEXT[8:].encode()), {}, "csv", "zstd"),
    "NDJSON": ("o.json", JSON.encode(), {}, "json", "none"),
    "NDJSON in UTF-16": ("o.json", JSON.encode("utf-16"), {}, "json", "none"),
    "NDJSON with a mark": ("o.json", b"\xef\xbb\xbf" + JSON.encode(), {}, "json", "none"),
    "a JSON array, blanks before it": ("o.json", b"\n [" + JSON.replace("}\n{", "},{").encode() + b"]", {}, "json", "none"),
    "NDJSON in gzip": ("o.json.gz", gzip.compress(JSON.encode()), {"format": "json"}, "json", "gzip"),
    "workbook": ("o.xlsx", workbook(), {}, "xlsx", "none"),
    "workbook under another name": ("o.csv", workbook(), {"format": "xlsx"}, "xlsx", "none"),
    "workbook in gzip": ("o.xlsx.gz", gzip.compress(workbook()), {}, "xlsx", "gzip"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "content", "read", "form", "compression"), CONTENTS.values(), ids=CONTENTS)
def test_the_content_tells_the_format(
    place: Place, file: str, content: bytes, read: dict[str, Any], form: str, compression: str
) -> None:
    place.put(file, content)
    result = place.land(read, files="*", mapped='a || "[a]"')
    assert [str(one.error) for one in result.refused] == []
    assert (place.rows(result), result.notes) == (ROWS, [])
    used = facts(result.deliveries[0])["read"]
    assert (used["format"], used["compression"]) == (form, compression)


def test_parquet_is_told_too(place: Place) -> None:
    place.put("o.parquet", parquet(place))
    place.put("p.parquet.zst", zstandard.compress(parquet(place) + b""))
    result = place.land(files="*.parquet")
    assert place.rows(result) == ROWS
    assert facts(result.deliveries[0])["read"]["format"] == "parquet"


# name: (file, what is said, the note)
TEXT_ALL_THE_SAME = {
    "xls": ("o.xls", None, "o.xls: delimited text, whatever its name says"),
    "xlsx": ("o.xlsx", None, "o.xlsx: delimited text, whatever its name says"),
    "said": ("o.xls", "xlsx", "o.xls: delimited text and read as such, though the connector says xlsx"),
    "said to be JSON": ("o.txt", "json", "o.txt: delimited text and read as such, though the connector says json"),
}


@pytest.mark.parametrize(("file", "said", "note"), TEXT_ALL_THE_SAME.values(), ids=TEXT_ALL_THE_SAME)
def test_text_is_read_as_text_and_noted(place: Place, file: str, said: str | None, note: str) -> None:
    place.put(file, "a\tb\n1\tx\n2\ty\n")
    result = place.land({"format": said} if said else {}, files="*")
    assert (place.rows(result), result.notes) == (ROWS, [note])


def test_a_cell_that_begins_as_json_does_is_a_cell_where_the_connector_says_text(place: Place) -> None:
    place.put("o.txt", "[\t[\n{\t1\n")
    result = place.land({"names": ["a", "b"], "delimiter": "\t"}, files="*")
    assert place.rows(result) == [("[", "[", 1), ("{", "1", 2)]


def packed(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


# name: (content, read options, what, found, a part of what to do)
UNREADABLE: dict[str, tuple[bytes, dict[str, Any], str, str, str]] = {
    "old workbook": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), {},
        "this is not an export that can be read", "an old binary Excel workbook, or one with a password", ".xlsx or CSV"),
    "HTML table": (
        b"\r\n<HTML><table><tr><td>a</td></tr></table>", {"format": "xlsx"},
        "this is not an export that can be read", "a web page or XML, whatever its name says", ".xlsx or CSV"),
    "XML spreadsheet": (
        b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', {},
        "this is not an export that can be read", "a web page or XML, whatever its name says", ".xlsx or CSV"),
    "binary workbook": (
        packed("xl/workbook.bin"), {},
        "this is not an export that can be read", "a binary Excel workbook (.xlsb)", ".xlsx or CSV"),
    "OpenDocument": (
        packed("mimetype", "content.xml"), {},
        "this is not an export that can be read", "an OpenDocument file", ".xlsx or CSV"),
    "archive in gzip": (
        gzip.compress(packed("a.csv")), {},
        "this is not an export that can be read", "a ZIP archive within another file", "in one archive"),
    "PDF": (
        b"%PDF-1.7\n", {},
        "this is not an export that can be read", "a PDF document", ".xlsx or CSV"),
    "7-Zip": (
        b"7z\xbc\xaf\x27\x1c", {},
        "this is not an export that can be read", "a 7-Zip archive", "gzip, zstd or ZIP"),
    "JSON where CSV is said": (
        JSON.encode(), {"format": "csv"},
        "the file has another format than the connector says", "json", "read.format"),
    "a workbook where CSV is said": (
        workbook(), {"format": "csv"},
        "the file has another format than the connector says", "xlsx", "read.format"),
    "cut off zstd": (
        zstandard.compress(TEXT.encode())[:-3], {},
        "the zstd file is damaged or was cut off", "the last frame is not complete", "delivered again"),
    "something after zstd": (
        zstandard.compress(TEXT.encode()) + b"rest", {},
        "the zstd file is damaged or was cut off", "zstd decompressor error: Unknown frame descriptor", "delivered again"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "read", "what", "found", "action"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_export_is_refused_with_what_it_is(
    place: Place, content: bytes, read: dict[str, Any], what: str, found: str, action: str
) -> None:
    place.put("o.xls", content)
    (refusal,) = place.land(read, files="*").refused
    assert (refusal.error.what, refusal.error.found) == (what, found)
    assert action in refusal.error.action


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_what_expands_beyond_bounds_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch, pack: Any) -> None:
    monkeypatch.setattr("pipeline.extract.compression.UNSUSPICIOUS_BYTES", 1 << 20)
    place.put("o.csv", pack(b"a,b\n" + b"0," * (1 << 20)))
    (refusal,) = place.land().refused
    assert refusal.error.what == "the file expands beyond all bounds"
    place.put("o.csv", pack(b"a,b\n" + b"1,x\n" * 200_000))
    monkeypatch.setattr("pipeline.extract.compression.MAX_RATIO", 100_000)
    assert place.land().deliveries[0].rows == 200_000


@pytest.mark.parametrize(
    "content", [TEXT + "3,z\n" * 100_000, JSON + '{"a":"3","b":"z"}\n' * 40_000], ids=["text", "lines"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_of_a_head_the_first_rows_are_read(place: Place, content: str, encoding: str) -> None:
    path = place.put("o.csv", gzip.compress(content.encode(encoding)))
    (delivery,) = place.land_found([place.head(path)]).deliveries
    assert 1_000 < delivery.rows < content.count("\n") - 1
    assert delivery.rejected == 0
    assert place.rows_of(delivery)[:2] == ROWS


def test_the_export_of_the_documentation_is_one() -> None:
    text = (REPOSITORY / "docs" / "files.md").read_text(encoding="utf-8")
    example, rename = re.findall(r"```yaml\n(.+?)```", text, re.DOTALL)
    assert Read.model_validate(yaml.safe_load(rename)["read"]).rename["Summe"] == "Total"
    export = Connector.model_validate(yaml.safe_load(example)).exports["bill"]
    assert (export.members, export.drop, len(export.totals)) == ("bill*.csv", ("对方账号",), 2)
