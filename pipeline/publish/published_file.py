"""Writes the published file: a copy of the readable schemas that every reader sees whole, old or new.

Written for DuckDB clients from 1.0 on, without views and without indexes. The next file is made of a copy of the one
that stands and of the rows that differ, so that a day's cost is not all history's; in its free blocks rows that are
gone may stand until others take their place. Where much has changed, or rows must leave no trace, it is written anew.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import UserError
from pipeline.publish.catalog import Relation, literal, quoted, relations
from pipeline.publish.difference import Change, changes

if TYPE_CHECKING:
    import duckdb

SCHEMAS = ("marts", "kpis", "analysis", "report", "ops")
# What comes from rows as they were delivered, people's among them
_ROWS = "marts"
# The oldest format: what a newer client writes by default, older clients cannot open
_STORAGE = "v1.0.0"
_NEW, _OLD = "publish_new", "publish_old"


@dataclass(frozen=True)
class PublishResult:
    """The file as it now stands. is_new: it was replaced; false when it already held just this."""

    path: Path
    bytes: int
    tables: int
    is_new: bool


def publish(connection: "duckdb.DuckDBPyConnection", target: Path, *, anew: bool = False) -> PublishResult:
    """Copy the published schemas of the warehouse to `target`, tables and views alike, with their comments.

    Readers who have the old file open keep it until they open it again; a crash leaves it as it was.
    `anew` leaves nothing of what the old file held, not even in free blocks.
    Raises UserError when the file cannot be written.
    """
    cursor = connection.cursor()
    try:
        warehouse = str(cursor.execute("select current_database()").fetchall()[0][0])
        found = relations(cursor, warehouse, SCHEMAS)
        with _explained(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            _remove(_draft(target))
            differing = None if anew else _differing(cursor, target, warehouse, found)
            if differing is None or (differing and not _amended(cursor, target, warehouse, differing)):
                _write(cursor, _draft(target), warehouse, found)
            if differing != []:
                _replace(_draft(target), target)
            return PublishResult(target, target.stat().st_size, len(found), differing != [])
    finally:
        cursor.close()


def _draft(target: Path) -> Path:
    """One name for all, so that what a killed publish left is found; the warehouse's lock allows one at a time."""
    return target.with_name(f"{target.name}.new")


def _remove(draft: Path) -> None:
    for path in (draft, draft.with_name(f"{draft.name}.wal")):
        path.unlink(missing_ok=True)


def _differing(
    cursor: "duckdb.DuckDBPyConnection", target: Path, warehouse: str, found: list[Relation]
) -> list[Change] | None:
    """Where the published file differs in rows; null where it is to be written anew, or there is none."""
    import duckdb

    if not target.is_file():
        return None
    try:
        with _attached(cursor, target, _OLD, "read_only"):
            if found != relations(cursor, _OLD, SCHEMAS):
                return None
            differing = changes(cursor, warehouse, _OLD, found)
    except duckdb.Error:
        return None
    # What a source no longer shows of its people is not to stay behind in free blocks
    return None if any(one.is_most and one.relation.schema == _ROWS for one in differing) else differing


def _amended(cursor: "duckdb.DuckDBPyConnection", target: Path, warehouse: str, differing: list[Change]) -> bool:
    """Make the draft of the old file and the rows that differ; false where half of it would be free blocks."""
    draft = _draft(target)
    try:
        shutil.copyfile(target, draft)
        with _attached(cursor, draft, _NEW, "read_write"):
            cursor.begin()
            for one in differing:
                _amend(cursor, warehouse, one)
            cursor.commit()
            cursor.execute(f"checkpoint {_NEW}")
            size = "select 2 * free_blocks <= total_blocks from pragma_database_size() where database_name = ?"
            if cursor.execute(size, [_NEW]).fetchall()[0][0]:
                return True
    except BaseException:
        with suppress(OSError):
            _remove(draft)
        raise
    _remove(draft)
    return False


def _amend(cursor: "duckdb.DuckDBPyConnection", warehouse: str, change: Change) -> None:
    old, new = change.relation.within(_NEW), change.relation.within(warehouse)
    if change.is_most or change.dated_by is None:
        cursor.execute(f"drop table {old}")
        _copy(cursor, warehouse, change.relation)
        return
    is_changed = f"{quoted(str(change.dated_by))} in (select unnest(?))"
    days = [day for day in change.days if day is not None]
    if None in change.days:
        is_changed += f" or {quoted(str(change.dated_by))} is null"
    cursor.execute(f"delete from {old} where {is_changed}", [days])
    cursor.execute(f"insert into {old} select * from {new} where {is_changed}", [days])


def _write(cursor: "duckdb.DuckDBPyConnection", draft: Path, warehouse: str, found: list[Relation]) -> None:
    try:
        with _attached(cursor, draft, _NEW, f"storage_version {literal(_STORAGE)}"):
            cursor.begin()
            for schema in SCHEMAS:
                cursor.execute(f"create schema {_NEW}.{schema}")
            for relation in found:
                _copy(cursor, warehouse, relation)
            cursor.commit()
            cursor.execute(f"checkpoint {_NEW}")
    except BaseException:
        with suppress(OSError):
            _remove(draft)
        raise


def _copy(cursor: "duckdb.DuckDBPyConnection", warehouse: str, relation: Relation) -> None:
    table = relation.within(_NEW)
    cursor.execute(f"create table {table} as select * from {relation.within(warehouse)}")
    if relation.comment is not None:
        cursor.execute(f"comment on table {table} is {literal(relation.comment)}")
    for column in relation.columns:
        if column.comment is not None:
            cursor.execute(f"comment on column {table}.{quoted(column.name)} is {literal(column.comment)}")


@contextmanager
def _attached(cursor: "duckdb.DuckDBPyConnection", path: Path, name: str, options: str) -> Iterator[None]:
    """The file attached under the name; an error inside is rolled back and passed on."""
    import duckdb

    cursor.execute(f"attach {literal(str(path))} as {name} ({options})")
    try:
        yield
    except BaseException:
        with suppress(duckdb.Error):
            cursor.rollback()
        with suppress(duckdb.Error):
            cursor.execute(f"detach {name}")
        raise
    cursor.execute(f"detach {name}")


def _replace(draft: Path, target: Path) -> None:
    _sync(draft)
    draft.replace(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _explained(target: Path) -> Iterator[None]:
    import duckdb

    try:
        yield
    except (OSError, duckdb.IOException, duckdb.FatalException) as error:
        found = error.strerror if isinstance(error, OSError) else str(error).splitlines()[0]
        raise UserError(
            "the published file cannot be written; an earlier one stands as it was",
            where=str(target),
            found=str(found),
            action="see that the directory may be written to and has room for a second copy",
        ) from None
