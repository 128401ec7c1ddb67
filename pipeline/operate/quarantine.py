"""Looks into quarantine: which rows are kept out of the clean tables, by which rule and why."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from pipeline.clean.judge import MASK
from pipeline.clean.mapping import columns_read
from pipeline.clean.records import UNREADABLE
from pipeline.contracts import Contract
from pipeline.errors import ConfigurationError, UserError
from pipeline.operate.commands import session_by_hand
from pipeline.operate.project import Project
from pipeline.operate.session import Session
from pipeline.settings import Settings
from pipeline.sources import Feed

SHOWN = 5


@dataclass(frozen=True)
class Choice:
    """Which rows are meant: of one entity or all, by one rule (or all of its kind: cast, required, key) or all."""

    entity: str | None = None
    rule: str | None = None

    def condition(self, table: str = "") -> tuple[str, list[str]]:
        """SQL over a table with entity and rule, with its parameters."""
        conditions, parameters, prefix = ["true"], [], f"{table}." if table else ""
        if self.entity:
            conditions.append(f"{prefix}entity = ?")
            parameters.append(self.entity)
        if self.rule:
            conditions.append(f"({prefix}rule = ? or starts_with({prefix}rule, ? || ':'))")
            parameters += [self.rule, self.rule]
        return " and ".join(conditions), parameters

    def check(self, project: Project) -> None:
        """Raise ConfigurationError for an entity there is not."""
        if self.entity and self.entity not in project.contracts:
            known = ", ".join(project.entities)
            mistake = UserError("no such entity", where="--entity", found=self.entity, expected=f"one of {known}")
            raise ConfigurationError([mistake])


def quarantine_list(settings: Settings, choice: Choice) -> str:
    """Two lines per delivery, entity and rule with rows in quarantine, and one per delivery refused as a whole."""
    with session_by_hand(settings) as session:
        choice.check(session.project)
        condition, parameters = choice.condition()
        connection = session.warehouse().connection
        rows = connection.execute(
            f"""select entity, file, count(*), rule, min(reason), min(row_id) from quarantine.rows where {condition}
            group by entity, file, rule order by entity, file, rule""",
            parameters,
        ).fetchall()
        refused = [] if choice.rule else _refused(connection, choice)
    lines = [
        f"{entity}  {file}  {count} rows by {rule}\n    {reason}; first: {first}"
        for entity, file, count, rule, reason, first in rows
    ]
    lines += [f"{entity}  {file}  refused as a whole\n    {reason}" for entity, file, reason in refused]
    return "\n".join(lines) or "no row is in quarantine"


def _refused(connection: duckdb.DuckDBPyConnection, choice: Choice) -> list[tuple[str, str, str]]:
    condition, parameters = Choice(choice.entity).condition()
    return connection.execute(
        f"select entity, file, reason from ops.loads where status = 'refused' and {condition} order by entity, file",
        parameters,
    ).fetchall()


def quarantined_rows(settings: Settings, row_id: str | None, choice: Choice) -> str:
    """Rows as delivered, cell by cell, with rule and reason, personal cells masked: the one named, or the first few."""
    with session_by_hand(settings) as session:
        choice.check(session.project)
        condition, parameters = choice.condition()
        named = " and row_id = ?" if row_id else ""
        rows = (
            session.warehouse()
            .connection.execute(
                f"""select source, export, entity, file, source_row, row_id, rule, reason, raw from quarantine.rows
                where {condition}{named} order by entity, file, source_row, row_id limit {SHOWN}""",
                [*parameters, *([row_id] if row_id else [])],
            )
            .fetchall()
        )
        if row_id and not rows:
            raise UserError(
                "no such row in quarantine", where=f"row id {row_id}", action="see `ops-summary quarantine list`"
            )
        return "\n\n".join(_shown(session, *row) for row in rows) or "no row is in quarantine"


def _shown(
    session: Session,
    source: str,
    export: str,
    entity: str,
    file: str,
    number: int,
    row_id: str,
    rule: str,
    reason: str,
    raw: str,
) -> str:
    feeds = [one for one in session.project.feeds_of(entity) if (one.source, one.export) == (source, export)]
    contract, connection = session.project.contracts[entity], session.warehouse().connection
    cells = masked_cells(connection, contract, feeds, rule, json.loads(raw))
    head = f"{entity}: {file}, row {number} ({row_id})\nrule {rule}: {reason}"
    return "\n".join([head, *(f"  {name} = {value}" for name, value in cells.items())])


def masked_cells(
    connection: duckdb.DuckDBPyConnection, contract: Contract, feeds: Sequence[Feed], rule: str, cells: dict[str, str]
) -> dict[str, str]:
    """The cells with all hidden that a personal column is made from; of an unreadable line nobody knows which they are."""
    if contract.personal_columns and (rule == UNREADABLE or not feeds):
        return {name: value if name == "line" else MASK for name, value in cells.items()}
    hidden = {cell.lower() for feed in feeds for cell in _personal_cells(connection, contract, feed)}
    return {name: MASK if name.lower() in hidden and value else value for name, value in cells.items()}


def _personal_cells(connection: duckdb.DuckDBPyConnection, contract: Contract, feed: Feed) -> set[str]:
    """Columns of the export that a personal column is made from; what is made from an element is made from its array."""
    cells = {
        cell
        for column, sql in feed.mapping.columns.items()
        if column in contract.personal_columns
        for cell in columns_read(connection, sql)
    }
    is_of_element = feed.mapping.each is not None and "each" in {cell.lower() for cell in cells}
    return cells | (columns_read(connection, feed.mapping.each or "") if is_of_element else set())
