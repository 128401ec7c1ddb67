"""Reads a sheet of an Excel workbook into Parquet: every cell's value as text, in bounded memory.

The sheet is walked through once, when it is opened: only then is it known which columns hold data, and which cells
of the header are merged. Its rows wait on disk as JSON lines, from which DuckDB writes Parquet.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.connector import Read
from pipeline.extract.footer import check_not_rows
from pipeline.extract.reader import ROWS, SOURCE_ROW, Counts, Reader, not_rows_notes
from pipeline.extract.structured import (
    USUAL_OBJECT_BYTES,
    first_line,
    identifier,
    literal,
    no_rows,
    unreadable,
    write_parquet,
)
from pipeline.extract.workbook_cells import SheetCells
from pipeline.extract.workbook_package import Package, Sheet, opened_workbook
from pipeline.extract.workbook_table import Table


def open_workbook(cursor: duckdb.DuckDBPyConnection, path: Path, file: str, read: Read, work: Path) -> Reader:
    """Walk through the sheet; raises RefusedDelivery for a damaged workbook, no header, or an uncalculated formula."""
    with opened_workbook(path, file) as package:
        sheet = package.sheet(read.sheet)
        place = f"{file}, sheet {sheet.title}"
        cells, table = SheetCells(package, sheet), Table(read, place)
        walked = _walk(cells, table, work / "sheet.ndjson")
        check_not_rows(place, table.not_rows, walked.rows)
        if walked.rows == 0:
            raise no_rows(place, "rows below the header")
        count = table.not_rows.count
        notes = [*_notes(package, sheet, read, walked), *not_rows_notes(count)]
        used: dict[str, Any] = {"sheet": sheet.title, "not_rows": count, "notes": notes}
        if table.header:
            used["header_row"] = table.header[0].number
        return _Workbook(table.columns(cells.merged), table.margin, used, place, walked)


@dataclass(frozen=True)
class _Walked:
    """The data rows on disk, one JSON object a line; `longest` in bytes."""

    path: Path
    rows: int
    longest: int
    hidden: int
    formulas: int


@dataclass(frozen=True)
class _Workbook:
    """A sheet whose columns are known: names, each with its place among a row's cells."""

    columns: dict[str, int]
    margin: tuple[str, ...]
    used: dict[str, Any]
    _place: str
    _walked: _Walked

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.columns)

    def write(self, cursor: duckdb.DuckDBPyConnection, columns: tuple[str, ...], folder: Path) -> Counts:
        """Write these columns of every data row; a sheet has no rows that cannot be read."""
        walked = self._walked
        size = max(USUAL_OBJECT_BYTES, walked.longest + 1)
        options = (
            f"format = 'newline_delimited', columns = {{n: 'BIGINT', c: 'VARCHAR[]'}}, maximum_object_size = {size}"
        )
        cells = "".join(f"c[{self.columns[name] + 1}] as {identifier(name)}, " for name in columns)
        query = f"select {cells}n as {SOURCE_ROW} from read_json({literal(str(walked.path))}, {options})"
        try:
            rows = write_parquet(cursor, query, folder / ROWS)
        except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
            raise unreadable(self._place, first_line(error), "a sheet") from None
        if rows != walked.rows:
            raise unreadable(self._place, f"{walked.rows} rows, of which DuckDB reads {rows}", "a sheet")
        walked.path.unlink()
        return Counts(rows, 0)


def _walk(cells: SheetCells, table: Table, target: Path) -> _Walked:
    rows = longest = hidden = formulas = 0
    with target.open("wb") as out:
        for row in table.data(cells.rows()):
            rows += 1
            hidden += row.is_hidden
            formulas += row.formulas
            line = json.dumps({"n": rows, "c": table.cells(row)}, ensure_ascii=False, separators=(",", ":")) + "\n"
            longest = max(longest, out.write(line.encode()))
    return _Walked(target, rows, longest, hidden, formulas)


def _notes(package: Package, sheet: Sheet, read: Read, walked: _Walked) -> list[str]:
    """What a person would not expect of the rows that were read."""
    others = [one.title for one in package.sheets if one.is_visible and one != sheet and read.sheet is None]
    notes = {
        f"of its sheets {sheet.title!r} is read, not {', '.join(map(repr, others))} (read.sheet)": bool(others),
        f"{walked.hidden} of its rows are hidden in the sheet, and read like the others": walked.hidden > 0,
        f"{walked.formulas} of its cells are formulas it asks to calculate when it is opened; the values are those"
        " it was delivered with": package.is_recalculated and walked.formulas > 0,
    }
    return [note for note, holds in notes.items() if holds]
