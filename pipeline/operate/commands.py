"""The small commands: look into quarantine, load it again, publish the tables as they stand."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb

from pipeline.clean.judge import MASK
from pipeline.clean.mapping import columns_read
from pipeline.clean.records import UNREADABLE
from pipeline.contracts import Contract
from pipeline.errors import UserError
from pipeline.operate.project import load_project
from pipeline.operate.session import Session
from pipeline.operate.summary_assets import refuse_where_models_failed
from pipeline.publish import publish
from pipeline.settings import Settings
from pipeline.sources import Feed

_BY_HAND = "by hand"


@contextmanager
def _session(settings: Settings) -> Iterator[Session]:
    session = Session(load_project(settings), _BY_HAND)
    try:
        yield session
    finally:
        session.close()


def quarantine_list(settings: Settings) -> str:
    """Two lines per delivery, entity and rule with rows in quarantine: how many and the first of them, and why."""
    with _session(settings) as session:
        rows = (
            session.warehouse()
            .connection.execute(
                "select entity, file, count(*), rule, min(reason), min(row_id) from quarantine.rows group by 1, 2, 4 order by 1, 2, 4"
            )
            .fetchall()
        )
    lines = [
        f"{entity}  {file}  {count} rows by {rule}\n    {reason}; first: {first}"
        for entity, file, count, rule, reason, first in rows
    ]
    return "\n".join(lines) or "no row is in quarantine"


def quarantined_row(settings: Settings, row_id: str) -> str:
    """The row as delivered, cell by cell, with its rule and reason; personal cells masked."""
    with _session(settings) as session:
        found = (
            session.warehouse()
            .connection.execute(
                "select source, export, entity, file, source_row, rule, reason, raw from quarantine.rows where row_id = ?",
                [row_id],
            )
            .fetchone()
        )
        if found is None:
            raise UserError(
                "no such row in quarantine", where=f"row id {row_id}", action="see `ops-summary quarantine list`"
            )
        source, export, entity, file, number, rule, reason, raw = found
        feeds = [one for one in session.project.feeds_of(entity) if (one.source, one.export) == (source, export)]
        contract, connection = session.project.contracts[entity], session.warehouse().connection
        cells = masked_cells(connection, contract, feeds, rule, json.loads(raw))
    head = f"{entity}: {file}, row {number}\nrule {rule}: {reason}"
    return "\n".join([head, *(f"  {name} = {value}" for name, value in cells.items())])


def masked_cells(
    connection: duckdb.DuckDBPyConnection, contract: Contract, feeds: Sequence[Feed], rule: str, cells: dict[str, str]
) -> dict[str, str]:
    """The cells with all hidden that a personal column is made from; of an unreadable line nobody knows which they are."""
    if rule == UNREADABLE and contract.personal_columns:
        return {name: value if name == "line" else MASK for name, value in cells.items()}
    hidden = {
        cell.lower()
        for feed in feeds
        for column, sql in feed.mapping.columns.items()
        if column in contract.personal_columns
        for cell in columns_read(connection, sql)
    }
    return {name: MASK if name.lower() in hidden and value else value for name, value in cells.items()}


def replay(settings: Settings) -> str:
    """Forget with which recipe deliveries with rows in quarantine were loaded, so that the next run loads them again."""
    with _session(settings) as session, session.warehouse().transaction() as cursor:
        changed = cursor.execute(
            "update ops.loads set recipe = null where (load_id, source, export, entity) in (select (load_id, source, export, entity) from quarantine.rows)"
        ).fetchone()
    count = changed[0] if changed else 0
    return f"{count} deliveries will be loaded again by the next run"


def publish_tables(settings: Settings) -> str:
    """Publish what the warehouse holds now."""
    with _session(settings) as session:
        refuse_where_models_failed(session)
        result = publish(session.warehouse().connection, settings.published)
    word = "replaced" if result.is_new else "unchanged"
    return f"{word}: {result.path} ({result.tables} tables, {result.bytes:,} bytes)"
