"""Forms: a workbook stands as long as a person sees the same, and follows the contracts."""

from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from pipeline.contracts import Contracts
from pipeline.form import CHOICES, Form
from pipeline.generate.files import forms
from tests.unit.test_generate import EXAMPLES

KPIS = ["births", "visits"]


def form(contracts: Contracts, kpis: list[str] = KPIS) -> Form:
    return Form(EXAMPLES / "planning.form.yml", contracts, {"kpi_ids": kpis})


def changed(path: Path, what: str) -> None:
    book: Workbook = load_workbook(path)
    sheet = book["targets"]
    match what:
        case "cell":
            sheet["B3"] = "other"
        case "format":
            sheet.column_dimensions["C"].number_format = "General"
        case "comment":
            sheet["B2"].comment = None
        case "list":
            sheet.data_validations.dataValidation.clear()
        case "pane":
            sheet.freeze_panes = None
        case "sheet":
            book.remove(sheet)
    book.save(path)


def test_the_shipped_form_stands() -> None:
    (made,) = [(path, one) for path, one in forms().items() if path == EXAMPLES / "planning.xlsx"]
    path, one = made
    assert one.stands(path)


def test_saved_again_it_stands_though_its_bytes_differ(contracts: Contracts, tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    assert not form(contracts).stands(path)
    form(contracts).write(path)
    load_workbook(path).save(path)
    assert form(contracts).stands(path)
    assert not form(contracts, ["births"]).stands(path)


@pytest.mark.parametrize("what", ["cell", "format", "comment", "list", "pane", "sheet"])
def test_whatever_a_person_sees_is_compared(what: str, contracts: Contracts, tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    form(contracts).write(path)
    changed(path, what)
    assert not form(contracts).stands(path)


def test_a_form_says_what_its_contracts_say(contracts: Contracts) -> None:
    book = form(contracts).workbook()
    assert book.sheetnames == ["guide", "targets", "actions", "notes", "calendar", "sizes", CHOICES]
    notes = book["notes"]
    heads = {str(cell.value): cell for cell in notes[2]}
    assert heads["kind"].comment is not None
    assert heads["kind"].comment.text.startswith(contracts["planning.notes"].columns["kind"].description)
    assert (heads["kind"].font.b, heads["author"].font.b) == (True, False)
    words = {column[0].value: [cell.value for cell in column[1:] if cell.value] for column in book[CHOICES].columns}
    assert words["targets.kpi_id"] == KPIS
    assert words["calendar.kind"] == ["holiday", "campaign", "outage", "price"]
    assert words["actions.priority"] == ["high", "medium", "low"]
    assert notes.column_dimensions["C"].number_format == "@"
