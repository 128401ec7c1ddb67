"""`ops-summary forget`: takes one person out of everything this product keeps, and says what it cannot reach."""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb
from rich.console import Console

from pipeline.clean.pseudonym import pseudonym_sql
from pipeline.errors import UserError
from pipeline.extract import landed
from pipeline.model import dbt
from pipeline.operate.privacy import keep_people_out, pseudonym_key, readings
from pipeline.operate.project import Project, load_project
from pipeline.operate.session import Session
from pipeline.operate.summary_assets import refuse_where_models_failed
from pipeline.privacy.clean_rows import Person, erase_rows, meanings, other_ids, values_made
from pipeline.privacy.compact import write_anew
from pipeline.privacy.forgotten import Forgotten, Key, read_forgotten, with_key, with_made, write_forgotten
from pipeline.privacy.landing import has_rows, landed_rows
from pipeline.privacy.matching import matched_values, readings_that_fit
from pipeline.privacy.people import id_columns, lasting_ids
from pipeline.privacy.records import erase_mentions, erase_quarantined, note_forgotten
from pipeline.privacy.retention import delete, passing
from pipeline.privacy.scrub import SHORTEST, scrub_files, still_named
from pipeline.publish import publish
from pipeline.settings import Settings
from pipeline.warehouse import memory_database

_BY_HAND = "by hand"


def forget(settings: Settings, key: str, column: str | None, namespace: str | None, console: Console) -> list[str]:
    """Erase the person this key stands for; returns what there is to say, one sentence each.

    May be called again at any time: what is erased stays so, and an interrupted erasure is finished. Raises UserError
    when the key may mean several people.
    """
    project = load_project(settings)
    session = Session(project, _BY_HAND)
    try:
        with console.status("erasing"):
            said = erase(session, key, column, namespace)
        with console.status("building the tables without"):
            _rebuild(session)
    finally:
        session.close()
    with console.status("writing the warehouse anew"), closing(memory_database()) as connection:
        write_anew(connection, settings.warehouse)
    return [*said, *_elsewhere(project, key.strip())]


def erase(session: Session, key: str, column: str | None, namespace: str | None) -> list[str]:
    """Erase the person from landing, clean tables and what is kept beside them; returns what there is to say."""
    key = key.strip()
    if not key:
        raise UserError("there is no key", where="forget", expected="an id or e-mail address as it was delivered")
    project, warehouse = session.project, session.warehouse()
    connection = warehouse.connection
    forgotten, entry, made = _listed(session, connection, key, column, namespace)
    alone = replace(forgotten, keys=(entry,))
    for path in passing(project.settings.landing):
        delete(path)
    person = _person(project, connection, entry, key, made)
    others = _also_known_as(project, connection, person)
    rows = Counter[str]()
    ids = id_columns(project.contracts)
    with warehouse.transaction() as cursor:
        _drop_candidates(cursor)
        for contract in project.contracts.values():
            rows[contract.entity] += erase_rows(cursor, contract, ids, person)
        quarantined = sum(
            erase_quarantined(cursor, source, name, partial(readings, project, cursor, source, name), alone)
            for source, name, _ in project.configuration.exports()
        )
        erase_mentions(cursor, sorted({key}.union(*made.values())), entry.token)
        note_forgotten(cursor, session.at, session.run_id, +rows)
    in_landing = sum(
        keep_people_out(project, connection, source, name, forgotten)
        for source, name, _ in project.configuration.exports()
    )
    counted = [f"{count} in {entity}" for entity, count in sorted((+rows).items())]
    counted += [
        f"{count} in {place}" for place, count in (("quarantine", quarantined), ("landing", in_landing)) if count
    ]
    return [f"rows of this person: {', '.join(counted) or 'none'}", *others]


def _listed(
    session: Session, connection: duckdb.DuckDBPyConnection, key: str, column: str | None, namespace: str | None
) -> tuple[Forgotten, Key, dict[str, set[str]]]:
    """The list with the key, written; its entry, and by id column what mappings make of it.

    Before anything is erased: from here on nothing of this person is loaded any more, whatever happens to the command.
    """
    project = session.project
    standing = read_forgotten(project.settings.data_dir)
    forgotten, entry = with_key(standing, connection, key, column, namespace, session.at)
    _refuse_several(project, connection, _person(project, connection, entry, key, {}))
    made = _made_of_key(project, connection, replace(forgotten, keys=(entry,)))
    forgotten, entry = with_made(forgotten, connection, entry, made)
    write_forgotten(forgotten, project.settings.data_dir)
    for contract in project.contracts.values():
        for name, values in values_made(connection, contract, entry.made, forgotten).items():
            made.setdefault(name, set()).update(values)
    return forgotten, entry, made


def _refuse_several(project: Project, connection: duckdb.DuckDBPyConnection, person: Person) -> None:
    """An id means somebody else in another namespace or column: which one is meant has to be said."""
    ids = id_columns(project.contracts)
    found = sorted(
        {one for contract in project.contracts.values() for one in meanings(connection, contract, ids, person)}
    )
    if len(found) > 1:
        raise UserError(
            "this key may mean several people",
            where="forget",
            found=", ".join(f"{column} of namespace {namespace}" for column, namespace in found),
            action="say which with --column and --namespace, one after the other where they are one person",
        )


def _made_of_key(project: Project, connection: duckdb.DuckDBPyConnection, alone: Forgotten) -> dict[str, set[str]]:
    """By id column what mappings make of the key as it was delivered, in landed rows: 17 of 00017."""
    ids = id_columns(project.contracts)
    made: dict[str, set[str]] = {}
    for source, name, _ in project.configuration.exports():
        for one in landed(project.settings.landing, source, name):
            if has_rows(one.folder):
                rows = landed_rows(one.folder, one.columns)
                known = readings(project, connection, source, name, one.columns)
                for reading in readings_that_fit(connection, rows, known):
                    for column, values in matched_values(connection, rows, reading, alone).items():
                        made.setdefault(column, set()).update(values if column in ids else ())
    return made


def _person(
    project: Project, connection: duckdb.DuckDBPyConnection, entry: Key, key: str, made: dict[str, set[str]]
) -> Person:
    secret = pseudonym_key(project.settings)
    known = {name: frozenset(value.strip().lower() for value in values) for name, values in made.items()}
    return Person(
        key.lower(),
        known,
        _pseudonym(connection, key, secret),
        entry.token,
        _pseudonym(connection, entry.token, secret) or entry.token,
        entry.column,
        entry.namespace,
    )


def _pseudonym(connection: duckdb.DuckDBPyConnection, value: str, key: str) -> str:
    """The pseudonym of a value; none without a key, where pseudonyms are null."""
    if not key:
        return ""
    row = connection.execute(f"select {pseudonym_sql('lower(trim(?::varchar))', key)}", [value]).fetchone()
    return str(row[0] or "") if row else ""


def _also_known_as(project: Project, connection: duckdb.DuckDBPyConnection, person: Person) -> list[str]:
    ids, lasting = id_columns(project.contracts), lasting_ids(project.contracts)
    everything = {
        one for contract in project.contracts.values() for one in other_ids(connection, contract, ids, person)
    }
    found = sorted((column, value) for column, value in everything if column in lasting)
    if not found:
        return []
    named = ", ".join(f"{column} {value}" for column, value in found[:10])
    more = f" and {len(found) - 10} more" if len(found) > 10 else ""
    return [f"the same rows name {named}{more}: forget what else is an id of this person"]


def _drop_candidates(cursor: duckdb.DuckDBPyConnection) -> None:
    """What an interrupted load left."""
    for (name,) in cursor.execute("select table_name from duckdb_tables() where schema_name = 'candidate'").fetchall():
        cursor.execute(f'drop table candidate."{name}"')


def _rebuild(session: Session) -> None:
    """Build and publish the tables from the clean rows as they are now."""
    project, connection = session.project, session.warehouse().connection
    parsed = dbt.prepare(project.dbt)
    session.record_build(parsed, dbt.build(parsed, connection))
    refuse_where_models_failed(session)
    publish(connection, project.settings.published, anew=True)


def _elsewhere(project: Project, key: str) -> Iterator[str]:
    """Clean up what tells of runs, and name what is beyond reach."""
    settings = project.settings
    shutil.rmtree(settings.data_dir / "tmp", ignore_errors=True)
    telling = [settings.dagster_home, settings.data_docs, settings.dbt_dir, *settings.landing.rglob("load.json")]
    changed = scrub_files(telling, key)
    if changed:
        yield f"masked in {changed} files of run history, logs, Data Docs and lines around landed rows"
    if len(key) < SHORTEST:
        yield f"a key of fewer than {SHORTEST} characters is not looked for in run history, logs and documents"
    kept = still_named(sorted(path for path in settings.data_dir.iterdir() if path != settings.landing), key)
    if kept:
        yield f"still named in {', '.join(_shown(path, settings.data_dir) for path in kept[:10])}: look into it"
    known = {(source, name) for source, name, _ in project.configuration.exports()}
    strangers = [path for path in sorted(settings.landing.glob("*/*")) if (path.parent.name, path.name) not in known]
    if strangers:
        yield f"not in sources.yml, so not looked into: {', '.join(_shown(path, settings.data_dir) for path in strangers)}"
    yield "the exports themselves, and backups of the data directory, are not touched: erase the person there too"


def _shown(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()
