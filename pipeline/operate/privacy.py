"""Personal data in a run: what is never landed, who is kept out of what landed, what has been kept long enough.

Here belongs how a project's contracts and mappings tell which columns are a person's; what is done is in
pipeline.privacy.
"""

from collections.abc import Callable, Sequence
from functools import partial

import duckdb

from pipeline.clean.mapping import columns_read, with_quoted_names
from pipeline.connector import Export
from pipeline.errors import UserError
from pipeline.extract import Delivery, landed
from pipeline.operate.project import Project
from pipeline.privacy.cells import PersonColumn, Reading
from pipeline.privacy.dropped import Dropped, never_landed
from pipeline.privacy.forgotten import Forgotten, read_forgotten
from pipeline.privacy.landing import keep_out
from pipeline.privacy.people import id_columns, is_needed
from pipeline.privacy.retention import (
    Stamp,
    delete,
    expire_landing,
    expire_passing,
    expire_quarantine,
    passing,
    remove,
    without_loads,
)
from pipeline.settings import Settings
from pipeline.sources import Feed
from pipeline.warehouse import memory_database

SHORTEST_KEY = 16


def pseudonym_key(settings: Settings) -> str:
    """The key of the hashes that stand for personal values; empty where there is none. Raises UserError for a short one."""
    key = settings.pseudonym_key.get_secret_value().strip() if settings.pseudonym_key else ""
    if key and len(key) < SHORTEST_KEY:
        raise UserError(
            "the pseudonym key is too short: a short one can be guessed",
            where="OPS_SUMMARY_PSEUDONYM_KEY",
            found=f"{len(key)} characters",
            expected=f"at least {SHORTEST_KEY}",
            action="make one, for example with `openssl rand -hex 32`, and keep it: another key gives other pseudonyms",
        )
    return key


def remarks(project: Project) -> list[str]:
    """What a run has to say of personal columns: those that are null for want of a key, and drops that cannot be kept."""
    said = []
    without_key = [] if pseudonym_key(project.settings) else _pseudonymized(project)
    if without_key:
        said.append(
            f"{', '.join(without_key)}: null, for personal values become pseudonyms only under a key of your own: "
            "set OPS_SUMMARY_PSEUDONYM_KEY"
        )
    with memory_database() as connection:
        for source, name, export in project.configuration.exports():
            said += [f"{source}.{name}: {note}" for note in dropped(project, connection, export).notes]
    return said


def _pseudonymized(project: Project) -> list[str]:
    """Columns some source delivers that are to be pseudonyms."""
    return sorted({
        f"{feed.entity}.{name}"
        for feed in project.configuration.feeds()
        for name in feed.mapping.columns
        if project.contracts[feed.entity].columns[name].personal == "pseudonymize"
    })  # fmt: skip


def dropped(project: Project, connection: duckdb.DuckDBPyConnection, export: Export) -> Dropped:
    """Columns of an export that are never landed."""
    return never_landed(export, project.contracts, partial(columns_read, connection))


def prepare_landing(project: Project, connection: duckdb.DuckDBPyConnection, source: str, name: str) -> None:
    """Let files land anew whose rows were deleted and whose loads are gone as well."""
    export = project.configuration.connectors[source].exports[name]
    known = landed(project.settings.landing, source, name)
    for folder in without_loads(connection, source, name, export.entities, known):
        remove(folder)


def keep_people_out(
    project: Project,
    connection: duckdb.DuckDBPyConnection,
    source: str,
    name: str,
    forgotten: Forgotten | None = None,
) -> int:
    """Hold all landed deliveries of an export against the contracts and the list of the forgotten; returns rows in which people were erased."""
    export = project.configuration.connectors[source].exports[name]
    gone = dropped(project, connection, export).columns
    listed = forgotten or read_forgotten(project.settings.data_dir)
    if listed.keys and project.configuration.file.sources[source].is_bucket:
        # An object that is refused waits there as it was delivered
        for path in passing(project.settings.landing, source, name):
            delete(path)
    return sum(
        keep_out(
            connection, one.folder, one.columns, gone, _readings_of(project, connection, source, name, one), listed
        )
        for one in landed(project.settings.landing, source, name)
    )


def _readings_of(
    project: Project, connection: duckdb.DuckDBPyConnection, source: str, name: str, delivery: Delivery
) -> Callable[[], Sequence[Reading]]:
    return lambda: readings(project, connection, source, name, delivery.columns)


def readings(
    project: Project, connection: duckdb.DuckDBPyConnection, source: str, name: str, columns: Sequence[str]
) -> list[Reading]:
    """How an export with these columns feeds entities with columns about people; none where it feeds no such entity."""
    ids, read = id_columns(project.contracts), partial(columns_read, connection)
    feeds = [one for one in project.configuration.feeds() if (one.source, one.export) == (source, name)]
    feeds = [with_quoted_names(one, tuple(columns)) for one in feeds]
    landed_names = {one.lower(): one for one in columns}

    def names_read(sql: str) -> frozenset[str]:
        return frozenset(landed_names[one.lower()] for one in read(sql) if one.lower() in landed_names)

    shared = frozenset().union(*(names_read(sql) for feed in feeds for sql in _facts(project, feed, ids)))
    found = []
    for feed in feeds:
        contract = project.contracts[feed.entity]
        people = tuple(
            PersonColumn(one, sql, names_read(sql), one in ids, is_needed(contract, one))
            for one, sql in feed.mapping.columns.items()
            if one in contract.personal_columns | ids
        )
        if people:
            found.append(Reading(feed.namespace, people, feed.mapping.each, shared))
    return found


def _facts(project: Project, feed: Feed, ids: frozenset[str]) -> list[str]:
    """Expressions of a feed that are about no person."""
    about_people = project.contracts[feed.entity].personal_columns | ids
    columns = [sql for name, sql in feed.mapping.columns.items() if name not in about_people]
    return [
        *columns,
        *(sql for sql in (feed.mapping.where, feed.mapping.deleted, feed.mapping.each) if sql is not None),
    ]


def expire(project: Project, connection: duckdb.DuckDBPyConnection, stamp: Stamp) -> None:
    """Delete landed rows and rows in quarantine that are older than the settings allow."""
    settings = project.settings
    if settings.landing_retention_days is not None:
        expire_passing(settings.landing, settings.landing_retention_days, stamp.at)
        for source, name, export in project.configuration.exports():
            deliveries = landed(settings.landing, source, name)
            expire_landing(
                connection, source, name, export.entities, deliveries, settings.landing_retention_days, stamp
            )
    if settings.quarantine_retention_days is not None:
        expire_quarantine(connection, settings.quarantine_retention_days, stamp)
