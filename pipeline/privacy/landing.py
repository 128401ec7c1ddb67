"""Takes people out of landed Parquet, in place: cells of forgotten people, and columns that came to be dropped.

Rows, their numbers and their order stay, so that everything counted of a delivery stays true. `privacy.json` beside
the rows notes what was done, which also tells that it need not be done again.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline.privacy.cells import Cells, Reading
from pipeline.privacy.files import replace_whole, write_whole
from pipeline.privacy.forgotten import Forgotten
from pipeline.privacy.matching import Rows, cells_naming, erased_rows, readings_that_fit
from pipeline.privacy.sql import ident, text

ROWS, REJECTS, LOAD, NOTE = "rows.parquet", "rejects.parquet", "load.json", "privacy.json"
_PARQUET = "(format parquet, compression zstd)"
_ROW = "_source_row"
_GONE = "•••"


@dataclass(frozen=True)
class Note:
    """What was done to a landed delivery: `compared_with` is the state of the list of the forgotten it was held against."""

    compared_with: str = ""
    rows_changed: int = 0
    emptied: tuple[str, ...] = ()
    rows_deleted_at: str | None = None


def read_note(folder: Path) -> Note:
    """The note of a delivery; an empty one where nothing was ever done, or it cannot be read: then it is done again."""
    try:
        said = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        return Note(**said | {"emptied": tuple(said["emptied"])})
    except (OSError, ValueError, KeyError, TypeError):
        return Note()


def write_note(folder: Path, note: Note) -> None:
    write_whole(folder / NOTE, (json.dumps(asdict(note), indent=1) + "\n").encode())


def has_rows(folder: Path) -> bool:
    """Whether the landed rows are still there; retention deletes them and leaves what is known of the delivery."""
    return (folder / ROWS).is_file()


def landed_at(folder: Path) -> datetime:
    facts = json.loads((folder / LOAD).read_text(encoding="utf-8"))
    return datetime.fromisoformat(facts["landed_at"])


def keep_out(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    columns: Sequence[str],
    dropped: frozenset[str],
    readings: Callable[[], Sequence[Reading]],
    forgotten: Forgotten,
) -> int:
    """Bring one delivery up to date with the contracts and the list; returns the rows in which people were erased.

    `dropped` are columns (lower case) not to be landed, `readings` how the delivery is read, asked for where needed.
    """
    note = read_note(folder)
    if not has_rows(folder):
        return 0
    gone = [name for name in columns if name.lower() in dropped and name not in note.emptied]
    if gone:
        _rewrite(connection, folder, dict.fromkeys(gone, "cast(null as VARCHAR)"), "")
        note = replace(note, emptied=(*note.emptied, *gone))
        write_note(folder, note)
    if note.compared_with == forgotten.state:
        return 0
    count = _erase(connection, folder, tuple(columns), readings(), forgotten)
    write_note(folder, replace(note, compared_with=forgotten.state, rows_changed=note.rows_changed + count))
    return count


def landed_rows(folder: Path, columns: Sequence[str]) -> Rows:
    return Rows(f"select * from read_parquet({text(folder / ROWS)})", tuple(columns), _ROW)


def _erase(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    columns: tuple[str, ...],
    readings: Sequence[Reading],
    forgotten: Forgotten,
) -> int:
    if not readings:
        return 0
    rows = landed_rows(folder, columns)
    fitting = readings_that_fit(connection, rows, readings)
    if fitting:
        used = {name for one in fitting for name in one.shared.union(*(column.reads for column in one.columns))}
        changed = erased_rows(connection, rows, fitting, [name for name in columns if name not in used], forgotten)
    else:
        changed = cells_naming(connection, rows, forgotten)
    if changed:
        _write_cells(connection, folder, changed)
    return len(changed) + _erase_rejects(connection, folder, forgotten)


def _write_cells(connection: duckdb.DuckDBPyConnection, folder: Path, changed: dict[object, Cells]) -> None:
    """Put the new cells into the rows; a cell that is not named in a row's cells stays."""
    names = sorted({name for cells in changed.values() for name in cells})
    body = ", ".join(f"{ident(name)} VARCHAR, {ident('has ' + name)} BOOLEAN" for name in names)
    connection.execute(f"create or replace temp table erased_cells (row BIGINT, {body})")
    try:
        lines = [
            [row, *(part for name in names for part in (cells.get(name), name in cells))]
            for row, cells in changed.items()
        ]
        marks = ", ".join("?" * (1 + 2 * len(names)))
        connection.executemany(f"insert into erased_cells values ({marks})", lines)
        cells = {
            name: f"case when e.{ident('has ' + name)} then e.{ident(name)} else r.{ident(name)} end" for name in names
        }
        _rewrite(connection, folder, cells, f"left join erased_cells as e on e.row = r.{_ROW}")
    finally:
        connection.execute("drop table if exists erased_cells")


def _rewrite(connection: duckdb.DuckDBPyConnection, folder: Path, cells: dict[str, str], joined: str) -> None:
    replaced = ", ".join(f"{sql} as {ident(name)}" for name, sql in cells.items())
    query = f"select r.* replace ({replaced}) from read_parquet({text(folder / ROWS)}) as r {joined} order by r.{_ROW}"
    _replace_parquet(connection, folder / ROWS, query)


def _erase_rejects(connection: duckdb.DuckDBPyConnection, folder: Path, forgotten: Forgotten) -> int:
    """Lines that could not be read are taken out whole where a word of theirs is a forgotten key."""
    path = folder / REJECTS
    if not path.is_file():
        return 0
    lines = Rows(f"select line, raw from read_parquet({text(path)})", ("raw",), "line")
    named = cells_naming(connection, lines, forgotten)
    if named:
        listed = ", ".join(str(one) for one in named)
        raw = f"case when line in ({listed}) then {text(_GONE)} else raw end as raw"
        _replace_parquet(connection, path, f"select * replace ({raw}) from read_parquet({text(path)})")
    return len(named)


def _replace_parquet(connection: duckdb.DuckDBPyConnection, path: Path, query: str) -> None:
    replace_whole(path, lambda half: connection.execute(f"copy ({query}) to {text(half)} {_PARQUET}"))


def delete_rows(folder: Path, at: datetime) -> None:
    """Delete what was landed and keep what is known of it: its content stays known, so it never counts as new.

    The note goes first: a delivery whose rows are half gone is one whose rows are gone.
    """
    write_note(folder, replace(read_note(folder), rows_deleted_at=at.isoformat(timespec="seconds")))
    (folder / ROWS).unlink(missing_ok=True)
    (folder / REJECTS).unlink(missing_ok=True)
    _forget_margin(folder / LOAD)


def _forget_margin(path: Path) -> None:
    """Lines around the rows, which load.json keeps, go with the rows."""
    facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if facts.get("margin"):
        facts["margin"] = []
        write_whole(path, (json.dumps(facts, sort_keys=True, indent=2, ensure_ascii=False) + "\n").encode())
