"""Deletes what has been kept long enough: landed rows whose loads are done, and rows in quarantine.

What is known of a delivery stays (its content, its place in the order, what was loaded of it), so a file that is still
in its location is no new one, and later deliveries go on winning over earlier ones.
"""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import duckdb

from pipeline.privacy.landing import delete_rows, has_rows, landed_at
from pipeline.privacy.sql import texts


class Landed(Protocol):
    """A delivery as extract left it in landing."""

    @property
    def load_id(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def rows(self) -> int: ...
    @property
    def rejected(self) -> int: ...
    @property
    def folder(self) -> Path: ...


@dataclass(frozen=True)
class Stamp:
    """When, and in which run."""

    at: datetime
    run_id: str


def expire_landing(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    export: str,
    entities: Iterable[str],
    deliveries: Sequence[Landed],
    days: int,
    stamp: Stamp,
) -> int:
    """Delete rows landed more than `days` ago of which every entity has had its say; returns the number of deliveries.

    That a delivery was refused or withdrawn does not keep it longer. One read in another way since is done with once
    the newer reading is.
    """
    done = _done(connection, source, export, frozenset(entities))
    newest = {one.sha256: one.load_id for one in deliveries}
    expired = 0
    for one in deliveries:
        if (
            newest[one.sha256] not in done
            or not has_rows(one.folder)
            or landed_at(one.folder) > stamp.at - timedelta(days=days)
        ):
            continue
        connection.execute(
            "insert into ops.deletions values (?, 'landing', ?, ?, null, ?, ?, ?, ?, ?)",
            [stamp.at, source, export, one.load_id, one.file, one.rows + one.rejected, _reason(days), stamp.run_id],
        )
        delete_rows(one.folder, stamp.at)
        expired += 1
    return expired


def _done(connection: duckdb.DuckDBPyConnection, source: str, export: str, entities: frozenset[str]) -> set[str]:
    """Load ids of the deliveries that every entity was loaded from, or refused."""
    rows = connection.execute(
        "select load_id, entity from ops.loads where source = ? and export = ?", [source, export]
    ).fetchall()
    loaded: dict[str, set[str]] = {}
    for load_id, entity in rows:
        loaded.setdefault(load_id, set()).add(entity)
    return {load_id for load_id, found in loaded.items() if entities <= found}


def without_loads(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    export: str,
    entities: Iterable[str],
    deliveries: Sequence[Landed],
) -> list[Path]:
    """Folders of deliveries whose rows are gone although an entity has nothing of them: the file has to land anew.

    So it is after the warehouse was deleted, a source was taken out of sources.yml and put back, or an export came to
    feed another entity.
    """
    done = _done(connection, source, export, frozenset(entities))
    newest = {one.sha256: one.load_id for one in deliveries}
    return [one.folder for one in deliveries if newest[one.sha256] not in done and not has_rows(one.folder)]


def expire_quarantine(connection: duckdb.DuckDBPyConnection, days: int, stamp: Stamp) -> int:
    """Delete rows that went to quarantine more than `days` ago; returns how many. ops.loads goes on counting them."""
    old = connection.execute(
        """select q.source, q.export, q.entity, q.load_id, min(q.file), count(*)
        from quarantine.rows as q inner join ops.loads as l using (load_id, source, export, entity)
        where l.loaded_at < ? group by all order by all""",
        [stamp.at - timedelta(days=days)],
    ).fetchall()
    for source, export, entity, load_id, file, count in old:
        connection.execute(
            f"delete from quarantine.rows where (source, export, entity, load_id) = ({texts([source, export, entity, load_id])})"
        )
        connection.execute(
            "insert into ops.deletions values (?, 'quarantine', ?, ?, ?, ?, ?, ?, ?, ?)",
            [stamp.at, source, export, entity, load_id, file, count, _reason(days), stamp.run_id],
        )
    return sum(int(row[5]) for row in old)


def _reason(days: int) -> str:
    return f"kept for {days} days"


def expire_passing(landing: Path, days: int, at: datetime) -> None:
    """Delete what was fetched, or half landed, more than `days` ago: a run that gets as far fetches it again."""
    for one in passing(landing):
        # When it was written here: its other times are those of the export
        newest = max(path.stat().st_ctime for path in (one, *one.rglob("*")))
        if datetime.fromtimestamp(newest, UTC).replace(tzinfo=None) < at - timedelta(days=days):
            delete(one)


def passing(landing: Path, source: str = "*", export: str = "*") -> list[Path]:
    """What lies beside deliveries until it is one: pages and objects fetched, folders of a landing that was killed."""
    home = f"{source}/{export}"
    return sorted([*landing.glob(f"{home}/.fetching/*"), *landing.glob(f"{home}/.unfinished-*")])


def delete(path: Path) -> None:
    """Delete a file, or a folder with all that is in it."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def remove(folder: Path) -> None:
    """Delete a delivery's folder, whole or (by its name) unfinished."""
    doomed = folder.with_name(f".unfinished-{folder.name}")
    folder.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)
