"""What a database holds in the published schemas: relations, their columns and comments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Column:
    """A column as readers see it."""

    name: str
    sql_type: str
    comment: str | None


@dataclass(frozen=True)
class Relation:
    """A table or view as readers see it: both are published as tables."""

    schema: str
    name: str
    comment: str | None
    columns: tuple[Column, ...]

    def within(self, database: str) -> str:
        return ".".join(quoted(part) for part in (database, self.schema, self.name))


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def relations(cursor: "duckdb.DuckDBPyConnection", database: str, schemas: Sequence[str]) -> list[Relation]:
    """Tables and views of the schemas, by schema and name."""
    wanted = [database, list(schemas)]
    columns: dict[tuple[str, str], list[Column]] = {}
    for schema, name, *column in cursor.execute(
        "select schema_name, table_name, column_name, data_type, comment from duckdb_columns() "
        "where database_name = ? and schema_name in (select unnest(?)) order by column_index",
        wanted,
    ).fetchall():
        columns.setdefault((schema, name), []).append(Column(*column))
    found = cursor.execute(
        "select schema_name, name, comment from ("
        "select database_name, schema_name, table_name as name, comment, temporary from duckdb_tables() union all "
        "select database_name, schema_name, view_name, comment, temporary from duckdb_views()) "
        "where database_name = ? and schema_name in (select unnest(?)) and not temporary order by schema_name, name",
        wanted,
    ).fetchall()
    return [Relation(schema, name, comment, tuple(columns[schema, name])) for schema, name, comment in found]
