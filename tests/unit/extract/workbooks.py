"""Workbooks as spreadsheet programs write them: made by openpyxl, and changed where it cannot make them."""

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET_XML = "xl/worksheets/sheet1.xml"


def book(*rows: Sequence[Any], change: Callable[[Worksheet], object] | None = None, **sheets: Sequence[Any]) -> bytes:
    """A workbook whose first sheet, Orders, holds these rows; further sheets by name."""
    workbook = Workbook()
    first = workbook.worksheets[0]
    first.title = "Orders"
    for sheet, content in ((first, rows), *((workbook.create_sheet(name), rows) for name, rows in sheets.items())):
        for row in content:
            sheet.append(list(row))
    if change:
        change(first)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def changed(content: bytes, part: str, *replacements: tuple[str, str]) -> bytes:
    """The workbook with texts in one part replaced; each must be there."""
    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            text = source.read(name)
            for old, new in replacements if name == part else ():
                assert old.encode() in text, text.decode()
                text = text.replace(old.encode(), new.encode())
            archive.writestr(name, text)
    return target.getvalue()


def with_texts(content: bytes, *texts_xml: str) -> bytes:
    """The workbook with these texts shared by its cells, as Excel keeps them."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/>'
    types = changed(content, "[Content_Types].xml", ("</Types>", f"{override}</Types>"))
    target = io.BytesIO(types)
    with zipfile.ZipFile(target, "a") as archive:
        items = "".join(f"<si>{text}</si>" for text in texts_xml)
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{NAMESPACE}">{items}</sst>')
    return target.getvalue()


def sheet(rows_xml: str, after: str = "") -> bytes:
    """A workbook whose only sheet is this XML of its rows."""
    return changed(book(), SHEET_XML, ("<sheetData></sheetData>", f"<sheetData>{rows_xml}</sheetData>{after}"))
