"""Columns that an export calls otherwise at times, in another language say, under the names that are mapped."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.connector import Read
from pipeline.extract.reader import ROWS, SOURCE_ROW, Counts, Reader
from pipeline.extract.structured import identifier, literal, write_parquet


def with_names(reader: Reader, read: Read) -> Reader:
    """The reader with the columns that read.rename speaks of under their other names; itself where there are none."""
    said = {name.casefold(): name for name in reader.names}
    found = {said[old.casefold()]: new for old, new in read.rename.items() if old.casefold() in said}
    return _Renamed(reader, found) if found else reader


@dataclass(frozen=True)
class _Renamed:
    """A reader some columns of which have other names than the file gives them; a Reader."""

    inner: Reader
    new_names: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.new_names.get(name, name) for name in self.inner.names)

    @property
    def margin(self) -> tuple[str, ...]:
        return self.inner.margin

    @property
    def used(self) -> dict[str, Any]:
        told = [f"column {old} is read as {new} (read.rename)" for old, new in self.new_names.items()]
        used = self.inner.used
        return used | {"renamed": dict(self.new_names), "notes": [*used.get("notes", []), *told]}

    def write(self, cursor: duckdb.DuckDBPyConnection, columns: tuple[str, ...], folder: Path) -> Counts:
        """Written under the file's own names first: only then is there one way for all formats."""
        old_names = dict(zip(self.names, self.inner.names, strict=True))
        counts = self.inner.write(cursor, tuple(old_names[name] for name in columns), folder)
        rows, half = folder / ROWS, folder / f"renamed-{ROWS}"
        cells = ", ".join(f"{identifier(old_names[name])} as {identifier(name)}" for name in columns)
        # DuckDB keeps the file's order
        write_parquet(cursor, f"select {cells}, {SOURCE_ROW} from read_parquet({literal(str(rows))})", half)
        half.replace(rows)
        return counts
