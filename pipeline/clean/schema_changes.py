"""Keeps what changed in the columns of deliveries, so that a summary and a check can tell of it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from pipeline.clean.records import insert
from pipeline.clean.sql import texts
from pipeline.warehouse import Warehouse


class Change(Protocol):
    """One column in which a delivery differs from the one before it (extract's SchemaChange)."""

    @property
    def load_id(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def column(self) -> str: ...
    @property
    def detail(self) -> str: ...


def record_schema_changes(
    warehouse: Warehouse,
    source: str,
    export: str,
    schema_mode: str,
    changes: Sequence[Change],
    landed: Collection[str],
    run_id: str,
    at: datetime,
) -> None:
    """Write the changes to ops.schema_changes, once however often a refused file is tried.

    `landed` are the load ids of deliveries that were accepted all the same.
    """
    known = set(
        warehouse.connection.execute(
            "select load_id, kind, column_name, detail, schema_mode, is_accepted from ops.schema_changes"
            " where source = ? and export = ?",
            [source, export],
        ).fetchall()
    )
    rows = [
        (one.load_id, source, export, one.file, one.kind, one.column, one.detail, schema_mode, one.load_id in landed, run_id, at)
        for one in changes
        if (one.load_id, one.kind, one.column, one.detail, schema_mode, one.load_id in landed) not in known
    ]  # fmt: skip
    if not rows:
        return
    with warehouse.transaction() as cursor:
        # Said again in another mode, or of a file that lands now, it takes the place of what was said before
        again = texts({str(row[0]) for row in rows})
        cursor.execute(
            f"delete from ops.schema_changes where source = ? and export = ? and load_id in ({again})", [source, export]
        )
        insert(cursor, "ops.schema_changes", rows)


def schema_change_lines(changes: Sequence[Change], schema_mode: str) -> list[str]:
    """What an asset check says of them, one line each."""
    return [f"{one.file}: column {one.column} is {one.kind} (schema: {schema_mode}); {one.detail}" for one in changes]
