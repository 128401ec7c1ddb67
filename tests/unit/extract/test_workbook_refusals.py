"""Workbooks that cannot be read are refused with what is to be done."""

import io
import zipfile
from typing import Any

import pytest

from pipeline.errors import RefusedDelivery
from pipeline.extract import workbook_package
from pipeline.extract.workbook import open_workbook
from tests.unit.extract.readings import FILE, Shelf
from tests.unit.extract.workbooks import SHEET_XML, book, changed, sheet

GOOD = book(["a", "b"], ["1", "2"])
CELL_A = '<c r="A1" t="inlineStr"><is><t>a</t></is></c>'


def without(part: str) -> bytes:
    source, target = zipfile.ZipFile(io.BytesIO(GOOD)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            if name != part:
                archive.writestr(name, source.read(name))
    return target.getvalue()


def locked(content: bytes) -> bytes:
    """The archive with every part marked as encrypted."""
    return content.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'

# name: (content, read options, where, what, found)
REFUSED: dict[str, tuple[bytes, dict[str, Any], str, str, str]] = {
    "cut off": (GOOD[:2000], {}, "", "damaged", "BadZipFile"),
    "no archive": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, {}, "", "damaged", "BadZipFile"),
    "sheet missing": (without(SHEET_XML), {}, "", "no such sheet", "no sheet with cells"),
    "styles missing": (without("xl/workbook.xml"), {}, "", "damaged", "xl/workbook.xml"),
    "broken XML": (changed(GOOD, SHEET_XML, ("</sheetData>", "")), {}, "", "damaged", "ParseError"),
    "bytes changed": (GOOD.replace(b"PK\x03\x04", b"PK\x03\x05", 1), {}, "", "damaged", "BadZipFile"),
    "a part with a password": (locked(GOOD), {}, "", "damaged", "with a password"),
    "entities": (changed(GOOD, SHEET_XML, ("<worksheet", ENTITIES + "<worksheet")), {}, "", "damaged", "document type"),
    "strict": (
        changed(GOOD, "xl/workbook.xml", ("http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                                          "http://purl.oclc.org/ooxml/spreadsheetml/main")),
        {}, "", "Strict Open XML", "Strict",
    ),
    "no such sheet": (GOOD, {"sheet": "Costs"}, "", "no such sheet", "'Orders'"),
    "no rows": (book(["a"]), {}, ", sheet Orders", "no rows", "0 rows"),
    "nothing": (book(), {}, ", sheet Orders", "no header", "0 rows"),
    "header not found": (GOOD, {"header": ["c"]}, ", sheet Orders", "no header", "2 rows"),
    "name twice": (book(["a", "b", "a"], [1, 2, 3]), {}, ", sheet Orders", "a name twice", "a"),
    "formula never calculated": (
        sheet(f'<row r="1">{CELL_A}</row><row r="2"><c r="A2"><f>1+1</f><v/></c></row>'),
        {}, ", sheet Orders, cell A2", "never calculated", "a formula without a value",
    ),
    "formula in the header": (
        sheet(f'<row r="1">{CELL_A}<c r="B1"><f>A1</f></c></row><row r="2"><c r="A2"><v>1</v></c></row>'),
        {}, ", sheet Orders, cell B1", "never calculated", "a formula without a value",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "read", "where", "what", "found"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_and_told_why(
    shelf: Shelf, content: bytes, read: dict[str, Any], where: str, what: str, found: str
) -> None:
    with pytest.raises(RefusedDelivery) as refusal:
        shelf.read(open_workbook, content, **read)
    assert refusal.value.where == FILE + where
    assert what in refusal.value.what
    assert found in refusal.value.found
    assert refusal.value.action


def test_a_formula_never_calculated_outside_of_the_table_does_no_harm(shelf: Shelf) -> None:
    rows = (
        '<row r="1"><c r="A1"><f>TODAY()</f></c></row>'
        f'<row r="2">{CELL_A.replace("A1", "A2")}</row>'
        '<row r="3"><c r="A3"><v>1</v></c></row>'
        '<row r="4"><c r="A4" t="inlineStr"><is><t>Sum</t></is></c><c r="B4"><f>SUM(A3)</f></c></row>'
    )
    reading = shelf.read(open_workbook, sheet(rows), skip=1, footer="^Sum")
    assert reading.rows == [("1", 1)]


@pytest.mark.parametrize(
    ("bound", "value"), [("MOST_BYTES", 1000), ("MOST_HELD_BYTES", 10), ("MOST_PARTS", 3), ("MAX_RATIO", 1)]
)
def test_a_workbook_beyond_the_bounds_is_not_unpacked(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, bound: str, value: int
) -> None:
    monkeypatch.setattr(workbook_package, bound, value)
    monkeypatch.setattr(workbook_package, "UNSUSPICIOUS_BYTES", 1000)
    with pytest.raises(RefusedDelivery, match="expands beyond all bounds"):
        shelf.read(open_workbook, GOOD)
