"""Takes a forgotten person out of a clean table: who it was goes, what happened stays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from pipeline.contracts import Contract
from pipeline.privacy.forgotten import Forgotten
from pipeline.privacy.people import is_needed
from pipeline.privacy.sql import ident, text, texts

LOAD_ID = "forget"


@dataclass(frozen=True)
class Person:
    """One person as clean tables know them: the key in lower case and trimmed, what mappings make ids of, its pseudonym.

    `token` stands where a value may not be missing, `hashed_token` where that is a pseudonym.
    """

    key: str
    made: Mapping[str, frozenset[str]]
    pseudonym: str
    token: str
    hashed_token: str
    column: str | None
    namespace: str | None


def matches(contract: Contract, ids: frozenset[str], person: Person) -> dict[str, str]:
    """By column of the entity that may name a person the SQL condition that it names this one."""
    names = [name for name in contract.columns if name in contract.personal_columns | ids]
    return {name: _is_person(contract, name, person) for name in names if person.column in (None, name)}


def _is_person(contract: Contract, name: str, person: Person) -> str:
    here = f" and _namespace = {text(person.namespace)}" if person.namespace is not None else ""
    if contract.columns[name].personal == "pseudonymize":
        found = f"{ident(name)} = {text(person.pseudonym)}"
    else:
        values = sorted({person.key, *person.made.get(name, ())})
        found = f"lower(trim(cast({ident(name)} as VARCHAR))) in ({texts(values)})"
    return f"coalesce({found}{here}, false)"


def erase_rows(cursor: duckdb.DuckDBPyConnection, contract: Contract, ids: frozenset[str], person: Person) -> int:
    """Erase the person from the entity's clean table; days and keys touched are noted as changed. Returns the rows."""
    conditions = matches(contract, ids, person)
    if not conditions:
        return 0
    table, is_theirs = f"clean.{ident(contract.table)}", " or ".join(conditions.values())
    counted = cursor.execute(f"select count(*) from {table} where {is_theirs}").fetchone()
    if not counted or not counted[0]:
        return 0
    _note_days(cursor, contract, table, is_theirs)
    changes = _changes(contract, ids, conditions, person)
    cursor.execute(f"update {table} set {', '.join(changes)} where {is_theirs}")
    return int(counted[0])


def _changes(contract: Contract, ids: frozenset[str], conditions: Mapping[str, str], person: Person) -> Sequence[str]:
    """Assignments: ids that name the person become the stand-in, every personal column is emptied."""
    changes = []
    for name, column in contract.columns.items():
        token = text(person.hashed_token if column.personal == "pseudonymize" else person.token)
        if name in ids and name in conditions:
            changes.append(f"{ident(name)} = case when {conditions[name]} then {token} else {ident(name)} end")
        elif name in contract.personal_columns and name not in ids:
            changes.append(f"{ident(name)} = {token if is_needed(contract, name) else 'null'}")
    return changes


def _note_days(cursor: duckdb.DuckDBPyConnection, contract: Contract, table: str, is_theirs: str) -> None:
    for day in contract.dated_by:
        cursor.execute(
            f"insert into ops.changed_days select distinct {text(contract.entity)}, {ident(day)}, {text(LOAD_ID)}, true"
            f" from {table} where ({is_theirs}) and {ident(day)} is not null"
        )


def values_made(
    connection: duckdb.DuckDBPyConnection, contract: Contract, hashes: Mapping[str, Sequence[str]], forgotten: Forgotten
) -> dict[str, set[str]]:
    """By id column the values in the entity's clean table that have one of these hashes."""
    made: dict[str, set[str]] = {}
    for name in sorted(set(contract.columns) & set(hashes)):
        value = f"cast({ident(name)} as VARCHAR)"
        found = connection.execute(
            f"select distinct {value} from clean.{ident(contract.table)}"
            f" where {forgotten.hash_sql(value)} in ({texts(hashes[name])})"
        )
        made[name] = {str(row[0]) for row in found.fetchall()}
    return made


def other_ids(
    connection: duckdb.DuckDBPyConnection, contract: Contract, ids: frozenset[str], person: Person
) -> set[tuple[str, str]]:
    """Column and value of other ids of people that stand in the rows of this person."""
    conditions = matches(contract, ids, person)
    is_theirs = " or ".join(conditions.values()) or "false"
    found: set[tuple[str, str]] = set()
    for name in sorted(set(contract.columns) & ids):
        value = f"cast({ident(name)} as VARCHAR)"
        rows = connection.execute(
            f"select distinct {value} from clean.{ident(contract.table)} where ({is_theirs}) and {value} is not null"
            f" and not {conditions.get(name, 'false')} and not starts_with({value}, 'forgotten-')"
        )
        found |= {(name, row[0]) for row in rows.fetchall()}
    return found


def meanings(
    connection: duckdb.DuckDBPyConnection, contract: Contract, ids: frozenset[str], person: Person
) -> set[tuple[str, str]]:
    """Id column and namespace in which the person's key stands as an id."""
    conditions = {name: sql for name, sql in matches(contract, ids, person).items() if name in ids}
    return {
        (name, str(row[0]))
        for name, sql in conditions.items()
        for row in connection.execute(
            f"select distinct _namespace from clean.{ident(contract.table)} where {sql}"
        ).fetchall()
    }
