"""Writes a database file anew, so that nothing of what was deleted is left in its free blocks."""

from contextlib import suppress
from pathlib import Path

import duckdb

from pipeline.errors import UserError
from pipeline.privacy.files import replace_whole
from pipeline.privacy.sql import ident, text


def write_anew(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Replace the file by a copy of what it holds; `connection` is to another database, and nobody has the file open.

    A crash leaves the old file as it was. Raises UserError when there is no room for the copy.
    """
    try:
        replace_whole(path, lambda half: _copy(connection, path, half))
    except (OSError, duckdb.IOException) as error:
        raise UserError(
            "the file cannot be written anew, so its free blocks may still hold what was deleted",
            where=str(path),
            found=str(error).splitlines()[0],
            action="make room for a second copy of it, or give this process the right to write it, and do it again",
        ) from None


def _copy(connection: duckdb.DuckDBPyConnection, path: Path, half: Path) -> None:
    try:
        connection.execute(f"attach {text(path)} as old_file (read_only)")
        connection.execute(f"attach {text(half)} as new_file")
        connection.execute("copy from database old_file to new_file")
        connection.execute("checkpoint new_file")
        if _contents(connection, "old_file") != _contents(connection, "new_file"):
            raise UserError("the copy does not hold what the file holds, so the file stands as it was", where=str(path))
    finally:
        for name in ("old_file", "new_file"):
            with suppress(duckdb.Error):
                connection.execute(f"detach {name}")


def _contents(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str, int]]:
    """Tables with their rows, and views."""
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = ? order by all", [database]
    ).fetchall()
    views = connection.execute(
        "select schema_name, view_name, -1 from duckdb_views() where database_name = ? and not internal order by all",
        [database],
    ).fetchall()
    return [(schema, name, _count(connection, database, schema, name)) for schema, name in tables] + views


def _count(connection: duckdb.DuckDBPyConnection, database: str, schema: str, name: str) -> int:
    row = connection.execute(f"select count(*) from {database}.{ident(schema)}.{ident(name)}").fetchone()
    return int(row[0]) if row else 0
