"""The planning workbook: blank as it is shipped, and as people leave it behind."""

import datetime as dt
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.settings import REPOSITORY
from tests.connectors.kit import loaded

SHIPPED = REPOSITORY / "examples" / "planning.xlsx"
ENTITIES = {
    "targets": "planning.targets",
    "actions": "planning.actions",
    "notes": "planning.notes",
    "calendar": "planning.calendar",
    "sizes": "market.sizes",
}


def fill(sheet: Worksheet, *rows: dict[str, Any], at: int = 5) -> None:
    """Write rows below the example, one row left blank, each value in the column headed by its name."""
    places = {str(cell.value): place for place, cell in enumerate(sheet[2], start=1)}
    for number, row in enumerate(rows, start=at):
        for name, value in row.items():
            sheet.cell(number, places[name], value)


def filled() -> Workbook:
    """A workbook as five people of two languages filled it in."""
    book = load_workbook(SHIPPED)
    fill(
        book["targets"],
        {"kpi_id": "Net_Revenue", "period": "2026-10", "target": 1000.5},
        {
            "kpi_id": "orders",
            "period": dt.datetime(2026, 11, 1),
            "dimension": "country",
            "member": " DE ",
            "target": 20,
        },
        {"kpi_id": "refund_rate_amount", "period": 2026, "target": 0.25},
        {"kpi_id": "refund_rate_amount", "period": "2026-q4", "target": "12.5%", "benchmark": "0.1"},
        {"skip": "x", "kpi_id": "orders", "period": "2026-12", "target": 999},
    )
    fill(
        book["actions"],
        {"action_id": "A1", "title": "运费", "status": "进行中", "priority": "高", "start_date": dt.datetime(2026, 10, 1),
         "due_date": "2026年12月31日", "cost": "¥1,234.50"},
    )  # fmt: skip
    fill(book["notes"], {"note_id": "N1", "period": "2026-W40", "kind": "风险", "text": "one\ntwo"})
    fill(
        book["calendar"],
        {"date_from": "2026/10/1", "kind": "节假日", "name": "国庆节"},
        {"date_from": dt.date(2026, 11, 11), "date_to": dt.date(2026, 11, 12), "kind": "sale", "name": "11.11"},
    )
    fill(book["sizes"], {"market": "Tea", "period": 2026, "market_size": 2.5, "size_unit": "十亿", "currency": "eur"})
    return book


def delivered(tmp_path: Path, *books: Workbook) -> Path:
    folder = tmp_path / "workbooks"
    folder.mkdir()
    for number, book in enumerate(books, start=1):
        book.save(folder / f"planning_{number}.xlsx")
    (folder / "~$planning_1.xlsx").write_bytes(b"open in a spreadsheet")
    return folder


def test_the_blank_workbook_loads_nothing(tmp_path: Path) -> None:
    with loaded(tmp_path, "planning", SHIPPED.parent) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        for export, entity in ENTITIES.items():
            assert got.outcomes(export, entity) == {"not_for_entity": 1}


def test_a_filled_workbook(tmp_path: Path) -> None:
    with loaded(tmp_path, "planning", delivered(tmp_path, filled())) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("targets", "planning.targets") == {"clean": 4, "not_for_entity": 2}
        assert got.clean("planning.targets", "kpi_id", "period", "dimension", "member", "target", "benchmark") == [
            ("net_revenue", "2026-10", "all", "all", 1000.5, None),
            ("orders", "2026-11", "country", "DE", 20.0, None),
            ("refund_rate_amount", "2026", "all", "all", 0.25, None),
            ("refund_rate_amount", "2026-Q4", "all", "all", 0.125, 0.1),
        ]
        assert got.clean(
            "planning.actions", "status", "priority", "start_date::text", "due_date::text", "cost::text"
        ) == [("running", "high", "2026-10-01", "2026-12-31", "1234.5000")]
        assert got.clean("planning.notes", "period", "kind", "text") == [("2026-W40", "risk", "one\ntwo")]
        assert got.clean("planning.calendar", "kind", "date_from::text", "date_to::text") == [
            ("campaign", "2026-11-11", "2026-11-12"),
            ("holiday", "2026-10-01", "2026-10-01"),
        ]
        assert got.clean("market.sizes", "period", "market_size::text", "currency", "member") == [
            ("2026", "2500000000.0000", "EUR", "all")
        ]


def test_columns_moved_and_deleted(tmp_path: Path) -> None:
    book = filled()
    sheet = book["targets"]
    kept = [
        place for place, cell in enumerate(sheet[2]) if cell.value not in ("skip", "owner", "benchmark", "dimension")
    ]
    rows = [[row[place] for place in reversed(kept)] for row in sheet.iter_rows(values_only=True)]
    sheet.delete_rows(1, sheet.max_row)
    # Without the column skip nobody marks a line, so the example and the draft are gone from the sheet as well
    for row in [*rows[:2], *rows[4:8]]:
        sheet.append(row)
    with loaded(tmp_path, "planning", delivered(tmp_path, book), exports=["targets"]) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.one("planning.targets", "count(*)", "sum(target)") == (4, 1020.875)


def test_a_line_deleted_is_gone_and_a_blank_workbook_takes_nothing_away(tmp_path: Path) -> None:
    shorter = filled()
    shorter["targets"].delete_rows(8)
    folder = delivered(tmp_path, filled(), shorter, load_workbook(SHIPPED))
    with loaded(tmp_path, "planning", folder, exports=["targets"]) as got:
        assert len(got.refused()) == 1
        assert got.one("planning.targets", "count(*)", "sum(target)") == (3, 1020.75)
