"""Makes forms: workbooks people fill in, one sheet for every export of a connector.

Here belongs what a form looks like; its columns come from the connector, their meaning from the contracts, its words in
a second language and its examples from examples/<name>.form.yml.
"""

import datetime as dt
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.connector import SHIPPED, Connector, Mapping
from pipeline.contracts import ColumnType, Contract, Contracts
from pipeline.yaml_files import Frozen, read_model

LABELS, IDS, FIRST = 1, 2, 3
LAST = 1000
SKIP, EXAMPLE = "skip", "example 示例"
GUIDE, CHOICES = "guide", "choices"
WIDEST = 40
# Text, so that no spreadsheet makes a date of 2026-10
FORMATS: dict[ColumnType, str] = {
    "text": "@",
    "date": "yyyy-mm-dd",
    "timestamp": "yyyy-mm-dd hh:mm",
    "money": "#,##0.00",
}
HEAD = PatternFill("solid", fgColor="D9E2EF")
MUTED = PatternFill("solid", fgColor="F2F2F2")
Cell = str | int | float | dt.date


class FormFile(Frozen):
    """A form as written: what it says beside the contracts."""

    connector: str
    labels: dict[str, str]
    skip_note: str
    lists: dict[str, dict[str, list[str]]] = {}
    guide: list[tuple[str, str, str]]
    examples: dict[str, dict[str, Cell]]


class Form:
    """One form: what its workbook holds, and whether a file holds the same."""

    def __init__(self, file: Path, contracts: Contracts, parameters: dict[str, list[str]]) -> None:
        """`parameters` are the values of those the contracts' rules name."""
        self._said = read_model(file, FormFile)
        self._connector = read_model(SHIPPED / f"{self._said.connector}.yml", Connector)
        self._contracts, self._parameters = contracts, parameters

    def stands(self, path: Path) -> bool:
        """Whether the file holds this form, cell by cell; a workbook's bytes differ with every save."""
        if not path.is_file():
            return False
        fresh = BytesIO()
        self.workbook().save(fresh)
        return content(load_workbook(path)) == content(load_workbook(fresh))

    def write(self, path: Path) -> None:
        """Write the workbook."""
        self.workbook().save(path)

    def workbook(self) -> Workbook:
        """The form: a guide, a sheet for every export, and the hidden sheet its lists are in."""
        workbook = Workbook()
        workbook.remove(workbook.worksheets[0])
        _write_guide(workbook.create_sheet(GUIDE), self._said.guide)
        choices = workbook.create_sheet(CHOICES)
        for name, export in self._connector.exports.items():
            (entity,) = export.entities
            sheet = workbook.create_sheet(str(export.read.sheet), index=len(workbook.sheetnames) - 1)
            mapping, example = export.entities[entity], self._said.examples[name]
            columns = (SKIP, *mapping.columns)
            self._write_head(sheet, mapping, self._contracts[entity])
            _write_example(sheet, columns, {SKIP: EXAMPLE} | example)
            for column, words in self._lists(name, self._contracts[entity]).items():
                _add_list(sheet, choices, columns.index(column) + 1, f"{name}.{column}", words)
        choices.sheet_state = "hidden"
        return workbook

    def _write_head(self, sheet: Worksheet, mapping: Mapping, contract: Contract) -> None:
        """Labels for readers, below them the names that are read; bold is what an export may not lack."""
        for place, name in enumerate((SKIP, *mapping.columns), start=1):
            column, is_needed = contract.columns.get(name), name not in (SKIP, *mapping.optional)
            if column and column.type in FORMATS:
                sheet.column_dimensions[get_column_letter(place)].number_format = FORMATS[column.type]
            for row, text in ((LABELS, self._said.labels[name]), (IDS, name)):
                cell = sheet.cell(row, place, text)
                cell.font, cell.fill = Font(bold=is_needed), HEAD
            meaning = column.description if column else self._said.skip_note
            needed = " (required 必填)" if is_needed and column and column.required else ""
            sheet.cell(IDS, place).comment = Comment(meaning + needed, "form", height=90, width=260)
        sheet.freeze_panes = f"B{FIRST}"

    def _lists(self, export: str, contract: Contract) -> dict[str, list[str]]:
        """Words by column: those the contract's rules allow, and those the form suggests."""
        allowed = {
            str(rule.column): self._words(rule.arguments["value_set"])
            for rule in contract.expectations
            if "value_set" in rule.arguments
        }
        return allowed | self._said.lists.get(export, {})

    def _words(self, values: Any) -> list[str]:
        return self._parameters[values["$PARAMETER"]] if isinstance(values, dict) else list(values)


def content(workbook: Workbook) -> list[Any]:
    """All that a person sees of a workbook, to be compared: cells, comments, formats, widths and lists."""
    return [part for sheet in workbook.worksheets for part in _sheet_content(sheet)]


def _sheet_content(sheet: Worksheet) -> Iterator[Any]:
    yield sheet.title, sheet.sheet_state, sheet.freeze_panes
    for row in sheet.iter_rows():
        for cell in row:
            look = (cell.number_format, cell.font.b, cell.font.i, cell.fill.fgColor.rgb, cell.alignment.wrap_text)
            yield cell.coordinate, cell.value, cell.comment.text if cell.comment else None, look
    yield from sorted((name, one.width, one.number_format) for name, one in sheet.column_dimensions.items())
    yield from sorted((str(one.sqref), one.formula1, one.errorStyle) for one in sheet.data_validations.dataValidation)


def _write_guide(sheet: Worksheet, lines: list[tuple[str, str, str]]) -> None:
    for row, line in enumerate(lines, start=1):
        for place, text in enumerate(line, start=1):
            cell = sheet.cell(row, place, text)
            cell.font, cell.alignment = Font(bold=place == 1), Alignment(wrap_text=True, vertical="top")
    for letter, width in (("A", 20), ("B", 70), ("C", 60)):
        sheet.column_dimensions[letter].width = width


def _add_list(sheet: Worksheet, choices: Worksheet, place: int, name: str, words: list[str]) -> None:
    """Offer the words in a column; another word is asked about and let through, as contracts know synonyms."""
    column = 1 if choices.cell(1, 1).value is None else choices.max_column + 1
    for row, text in enumerate((name, *words), start=1):
        choices.cell(row, column, text)
    at, letter = get_column_letter(column), get_column_letter(place)
    offered = DataValidation(
        type="list", formula1=f"={CHOICES}!${at}$2:${at}${len(words) + 1}", allow_blank=True, errorStyle="warning"
    )
    offered.add(f"{letter}{FIRST}:{letter}{LAST}")
    sheet.add_data_validation(offered)


def _write_example(sheet: Worksheet, columns: tuple[str, ...], example: dict[str, Cell]) -> None:
    for place, name in enumerate(columns, start=1):
        letter, value = get_column_letter(place), example.get(name)
        sheet.column_dimensions[letter].width = min(WIDEST, max(len(name), len(str(value or ""))) + 4)
        cell = sheet.cell(FIRST, place, value)
        cell.font, cell.fill = Font(italic=True, color="7F7F7F"), MUTED
        cell.number_format = sheet.column_dimensions[letter].number_format
