"""What every reader of a format offers: the names of an export's columns, then its rows as Parquet of text."""

from pathlib import Path
from typing import Any, NamedTuple, Protocol

import duckdb

ROWS, REJECTS = "rows.parquet", "rejects.parquet"
SOURCE_ROW = "_source_row"
PARQUET = "(format parquet, compression zstd)"
# Lines of a margin that are kept from either end
MARGIN_LINES = 200


class Counts(NamedTuple):
    """Data rows of one file: those in rows.parquet and those in rejects.parquet."""

    rows: int
    rejected: int


def not_rows_notes(count: int) -> list[str]:
    """What a person should know of lines that read.not_rows takes for no data."""
    return [f"{count} lines are no data (read.not_rows)"] if count else []


class Reader(Protocol):
    """One file, opened: its columns are known, its rows not yet read.

    `margin` are the lines (of a sheet: rows, cells joined by tabs) before the header, those among the rows that are
    no data (how many of them stands in `used` under "not_rows"), and those from the footer on;
    `used` is what was said or detected of how to read it, for load.json; what a person should know of it besides
    stands there under "notes", a list of sentences.
    """

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def margin(self) -> tuple[str, ...]: ...

    @property
    def used(self) -> dict[str, Any]: ...

    def write(self, cursor: duckdb.DuckDBPyConnection, columns: tuple[str, ...], folder: Path) -> Counts:
        """Write ROWS (these columns as untouched text, and SOURCE_ROW, 1 for the first data row) into `folder`,
        and REJECTS (SOURCE_ROW, line, raw, reason) where rows cannot be read; raises RefusedDelivery.
        """
        ...
