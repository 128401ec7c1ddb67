"""Takes a value out of files that tell of runs: Dagster's history, logs, Data Docs; and finds where it still stands."""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from pipeline.privacy.files import write_whole
from pipeline.privacy.sql import ident

GONE = "•••"
# A shorter value stands everywhere by chance
SHORTEST = 5
_SQLITE = b"SQLite format 3\0"


def scrubbed(text: str, value: str) -> str:
    """The text with the value masked wherever it stands by itself, not as a part of a longer name, number or date."""
    return re.sub(rf"(?<![\w.:/-]){re.escape(value)}(?![\w:/-]|\.\w)", GONE, text, flags=re.IGNORECASE)


def scrub_files(folders: Iterable[Path], value: str) -> int:
    """Mask the value in these files and all below these folders, Dagster's databases included; returns the files changed."""
    if len(value) < SHORTEST:
        return 0
    return sum(_scrub_file(path, value) for path in _files(folders) if holds(path, value))


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        below = [folder] if folder.is_file() else sorted(folder.rglob("*"))
        yield from (path for path in below if path.is_file() and not path.is_symlink())


def holds(path: Path, value: str) -> bool:
    """Whether the bytes of the value, in any case and also as JSON writes it, stand in the file."""
    looked_for = {form.encode().lower() for form in (value, json.dumps(value)[1:-1])}
    longest = max(map(len, looked_for))
    with path.open("rb") as stream:
        before = b""
        while block := stream.read(1 << 20):
            seen = (before + block).lower()
            if any(one in seen for one in looked_for):
                return True
            before = block[-longest:]
    return False


def still_named(folders: Iterable[Path], value: str) -> list[Path]:
    """Files below the folders that hold the value; none for one so short that it would stand anywhere."""
    return [path for path in _files(folders) if len(value) >= SHORTEST and holds(path, value)]


def _scrub_file(path: Path, value: str) -> bool:
    with path.open("rb") as stream:
        if stream.read(len(_SQLITE)) == _SQLITE:
            return _scrub_sqlite(path, value)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False
    new = _scrubbed_text(text, value)
    if new == text:
        return False
    write_whole(path, new.encode())
    return True


def _scrub_sqlite(path: Path, value: str) -> bool:
    """Every text cell of every table, then the file is written anew, for it keeps what was deleted."""
    with closing(sqlite3.connect(path)) as database:
        tables = [row[0] for row in database.execute("select name from sqlite_master where type = 'table'")]
        changed = sum(_scrub_table(database, table, value) for table in tables if not table.startswith("sqlite_"))
        database.commit()
        database.execute("pragma wal_checkpoint(truncate)")
        database.execute("vacuum")
        database.execute("pragma wal_checkpoint(truncate)")
    return bool(changed)


def _scrub_table(database: sqlite3.Connection, table: str, value: str) -> int:
    changed = 0
    for (column,) in database.execute(f"select name from pragma_table_info({_quoted(table)})").fetchall():
        name = ident(column)
        is_named = f"(instr(lower({name}), lower(?)) > 0 or instr(lower({name}), lower(?)) > 0)"
        rows = database.execute(
            f"select rowid, {name} from {ident(table)} where typeof({name}) = 'text' and {is_named}",
            [value, json.dumps(value)[1:-1]],
        ).fetchall()
        for row, text in rows:
            new = _scrubbed_text(text, value)
            if new != text:
                changed += 1
                database.execute(f"update {ident(table)} set {name} = ? where rowid = ?", [new, row])
    return changed


def _scrubbed_text(text: str, value: str) -> str:
    """JSON keeps being JSON: only its texts are looked at, never its numbers."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            return json.dumps(_within(json.loads(text), value))
        except ValueError:
            pass
    return scrubbed(text, value)


def _within(data: Any, value: str) -> Any:
    if isinstance(data, dict):
        return {key: _within(one, value) for key, one in data.items()}
    if isinstance(data, list):
        return [_within(one, value) for one in data]
    return _scrubbed_text(data, value) if isinstance(data, str) else data


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
