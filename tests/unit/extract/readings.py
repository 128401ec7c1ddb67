"""One file, opened and written by one reader: what the tests of JSON, workbooks and Parquet work with."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from pipeline.connector import Read
from pipeline.extract.reader import REJECTS, ROWS, Counts, Reader

Open = Callable[[duckdb.DuckDBPyConnection, Path, str, Read, Path], Reader]
FILE = "orders.export"


class Reading(NamedTuple):
    """What came of a file: its columns, its rows with their number last, its rejects, and what its reader says."""

    names: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    rejects: list[tuple[Any, ...]]
    margin: tuple[str, ...]
    used: dict[str, Any]

    @property
    def cells(self) -> list[tuple[Any, ...]]:
        return [row[:-1] for row in self.rows]


class Shelf:
    """A folder to read in, and a connection; every reading has a place of its own, as every delivery has."""

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self._folder, self._connection = folder, connection
        self._readings = 0

    def read(
        self, open_file: Open, content: bytes | Callable[[Path], object], columns: tuple[str, ...] = (), /, **read: Any
    ) -> Reading:
        """Read the content, or what is written by calling it with a path; all columns where none are named.

        Nothing but the two Parquet files may be left behind.
        """
        self._readings += 1
        file, work = self._folder / f"export {self._readings}", self._folder / f"work {self._readings}"
        work.mkdir()
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            content(file)
        cursor = self._connection.cursor()
        reader = open_file(cursor, file, FILE, Read.model_validate(read), work)
        counts = reader.write(cursor, columns or reader.names, work)
        rows, rejects = self._rows(work / ROWS), self._rows(work / REJECTS)
        assert {path.name for path in work.iterdir()} <= {ROWS, REJECTS}
        assert counts == Counts(len(rows), len(rejects))
        return Reading(reader.names, rows, rejects, reader.margin, dict(reader.used))

    def _rows(self, path: Path) -> list[tuple[Any, ...]]:
        return self._connection.execute("from read_parquet(?)", [str(path)]).fetchall() if path.exists() else []
