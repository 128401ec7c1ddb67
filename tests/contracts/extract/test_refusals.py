"""Each mistake in a delivery is refused with an error that says where, what was found and what to do."""

import gzip
import os
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import RefusedDelivery
from tests.unit.extract.places import Place

GOOD = "a,b\n1,x\n"
ZIPPED = gzip.compress(b"a,b\n" + os.urandom(3000).hex().encode())

# name: (file as delivered, read options,
#        what, where, found, a part of what to do)
# fmt: off
REFUSED: dict[str, tuple[str | bytes, dict[str, Any], str, str, str, str]] = {
    "empty": (
        b"", {},
        "the file is empty", "bad.csv", "0 bytes", "delivered again"),
    "empty gzip": (
        gzip.compress(b""), {},
        "the file is empty", "bad.csv", "0 bytes", "delivered again"),
    "blank lines only": (
        "\n\r\n\n", {},
        "the file has no header", "bad.csv", "blank lines only", "read.skip"),
    "shorter than skip": (
        GOOD, {"skip": 9},
        "the file has no header", "bad.csv", "2 lines", "read.skip"),
    "header only": (
        "a,b\n", {},
        "the file has a header and no rows", "bad.csv", "0 data rows", "delivered again"),
    "header only, no line end": (
        "a,b", {},
        "the file has a header and no rows", "bad.csv", "0 data rows", "again"),
    "header only, one column": (
        "a\n\n", {},
        "the file has a header and no rows", "bad.csv", "0 data rows", "again"),
    "header without names": (
        ",\n1,2\n", {"delimiter": ","},
        "the header names no column", "bad.csv", "('', '')", "read.skip"),
    "header with an open quote": (
        'a,"b\n1,2\n', {},
        "the header cannot be read", "bad.csv", "a quote is opened and never closed", "read.quote"),
    "another delimiter": (
        "a;b\n1;2\n", {"delimiter": ","},
        "the file has another delimiter", "bad.csv", "one column named 'a;b'", "read.delimiter to ';'"),
    "nothing that is mapped": (
        "date,amount\n1,2\n", {},
        "no column of the file is mapped", "bad.csv", "date, amount", "read.skip"),
    "a title above the header": (
        "Report;May\n\na;b\n1;2\n", {},
        "lines stand above the header", "bad.csv", "'Report;May' first, and the header in line 3: a, b",
        "read: {header: [a]} in the connector, or read: {skip: 2}"),
    "a title in one cell above the header": (
        "Report of May\na,b\n1,2\n", {},
        "lines stand above the header", "bad.csv", "'Report of May' first, and the header in line 2: a, b", "read: {skip: 1}"),
    "a delimiter that cannot be": (
        GOOD, {"delimiter": '"'},
        "the delimiter cannot be used", "bad.csv", "'\"'", "read.delimiter"),
    "a delimiter too long": (
        GOOD, {"delimiter": "漢漢"},
        "the delimiter cannot be used", "bad.csv", "'漢漢'", "read.delimiter"),
    "undecodable": (
        b"a,b\n1,x\n2,caf\xe9\n", {},
        "a byte cannot be decoded", "bad.csv, line 3, byte 13", "0xe9", "read.encoding"),
    "undecodable as said": (
        b"a,b\n1,\x81\n", {"encoding": "cp1252"},
        "a byte cannot be decoded", "bad.csv, line 2, byte 6", "0x81", "read.encoding"),
    "undecodable far behind": (
        b"a,b\n" + b"1,x\n" * 400_000 + b"\xff", {},
        "a byte cannot be decoded", "bad.csv, line 400002, byte 1600004", "0xff", "read.encoding"),
    "cut within a character": (
        b"a,b\n1,\xe6\xbc", {},
        "a byte cannot be decoded", "bad.csv, line 2, byte 6", "0xe6", "read.encoding"),
    "undecodable within gzip": (
        gzip.compress(b"a,b\n1,\xe9\n"), {},
        "a byte cannot be decoded", "bad.csv, line 2, byte 6", "0xe9", "read.encoding"),
    "unknown encoding": (
        GOOD, {"encoding": "latin-99"},
        "the encoding is not known", "bad.csv", "read.encoding: latin-99", "read.encoding"),
    "an encoding of bytes": (
        GOOD, {"encoding": "base64"},
        "the encoding is not known", "bad.csv", "read.encoding: base64", "read.encoding"),
    "NUL characters": (
        "a,b\n1,x\0\n", {},
        "the file holds NUL characters", "bad.csv, line 2", "NUL", "utf-16-le"),
    "UTF-16 without a mark": (
        GOOD.encode("utf-16-le"), {},
        "the file holds NUL characters", "bad.csv, line 1", "NUL", "utf-16-le"),
    "truncated gzip": (
        ZIPPED[:-20], {},
        "the gzip file is damaged or was cut off", "bad.csv",
        "Compressed file ended before the end-of-stream marker was reached", "delivered again"),
    "damaged workbook": (
        b"PK\x03\x04rest", {},
        "this is not an export that can be read", "bad.csv",
        "a ZIP archive or workbook that is damaged or was cut off", "delivered again"),
    "a name twice": (
        "a,b,b\n1,2,3\n", {},
        "the header has a name twice", "bad.csv", "b", "renamed"),
    "names that differ in padding and case": (
        "Id,b, id\n1,2,3\n", {},
        "the header has a name twice", "bad.csv", "Id, id", "renamed"),
    "a reserved name": (
        "a,_source_row\n1,2\n", {},
        "the header has a reserved name", "bad.csv", "_source_row", "renamed"),
    "no row fits": (
        "a,b\n1\n2\n", {},
        "no row fits the header", "bad.csv, line 2", "1 cells where the header has 2", "read.delimiter"),
}
# fmt: on


@pytest.mark.parametrize(("content", "read", "what", "where", "found", "action"), REFUSED.values(), ids=REFUSED)
def test_a_bad_file_is_refused_and_leaves_nothing(
    place: Place, content: str | bytes, read: dict[str, Any], what: str, where: str, found: str, action: str
) -> None:
    place.put("bad.csv", content)
    result = place.land(read)
    (refusal,) = result.refused
    error = refusal.error
    assert isinstance(error, RefusedDelivery)
    assert (refusal.file, error.what, error.where, error.found) == ("bad.csv", what, where, found)
    assert action in error.action
    assert error.expected
    assert result.deliveries == []
    assert list((place.landing / "shop" / "orders").iterdir()) == []


def test_a_damaged_gzip_is_refused(place: Place) -> None:
    damaged = bytearray(ZIPPED)
    damaged[-6] ^= 0xFF
    place.put("bad.csv", bytes(damaged))
    assert place.land().refused[0].error.what == "the gzip file is damaged or was cut off"


def test_one_bad_file_stops_no_other(place: Place) -> None:
    for name, content in {"1.csv": GOOD, "2.csv": "", "3.csv": "a,b\n2,y\n"}.items():
        place.put(name, content)
    result = place.land()
    assert [one.file for one in result.deliveries] == ["1.csv", "3.csv"]
    assert [(one.file, one.bytes, len(one.sha256)) for one in result.refused] == [("2.csv", 0, 64)]


def test_a_location_that_is_missing_is_refused(place: Place) -> None:
    place.location.rmdir()
    assert _only_error(place).what == "the location does not exist"


def test_a_location_that_is_a_file_is_refused(place: Place) -> None:
    place.location.rmdir()
    place.location.write_text(GOOD)
    assert _only_error(place).what == "the location is not a folder"


def test_a_location_without_permission_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.extract.files.os.scandir", _refuse)
    assert _only_error(place).what == "the location cannot be read"


def test_a_file_without_permission_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.put("1.csv", GOOD)
    locked = place.put("2.csv", "a,b\n2,y\n")
    opened = Path.open

    def open_others(path: Path, *mode: Any, **said: Any) -> Any:
        return _refuse() if path == locked else opened(path, *mode, **said)

    monkeypatch.setattr(Path, "open", open_others)
    result = place.land()
    assert [one.file for one in result.deliveries] == ["1.csv"]
    assert [(one.file, one.error.what, one.error.found) for one in result.refused] == [
        ("2.csv", "the file cannot be read", "Permission denied")
    ]


def test_no_matching_file_is_refused_with_what_is_there(place: Place) -> None:
    place.put("sales.txt", GOOD)
    error = _only_error(place)
    assert (error.what, error.found, error.expected) == ("no file matches", "sales.txt", "files named *.csv*")


def test_a_name_that_cannot_be_written_down_is_refused(place: Place) -> None:
    place.put(os.fsdecode(b"caf\xe9.csv"), GOOD)
    (refusal,) = place.land().refused
    assert (refusal.error.what, refusal.file) == ("the file's name cannot be written down", "caf\\udce9.csv")


@pytest.mark.parametrize("pattern", ["../*.csv", "/etc/*"])
def test_a_pattern_that_leads_out_of_the_location_is_refused(place: Place, pattern: str) -> None:
    assert place.land(files=pattern).refused[0].error.what == "the pattern leads out of the location"


def test_something_else_than_a_file_matches_nothing(place: Place) -> None:
    (place.location / "folder.csv").mkdir()
    os.mkfifo(place.location / "pipe.csv")
    assert _only_error(place).what == "no file matches"


def _refuse(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


def _only_error(place: Place) -> RefusedDelivery:
    (refusal,) = place.land().refused
    return refusal.error
