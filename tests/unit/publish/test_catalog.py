from collections.abc import Iterator

import duckdb
import pytest

from pipeline.publish.catalog import Column, Relation, literal, quoted, relations
from pipeline.warehouse import memory_database


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = memory_database()
    connection.execute("create schema kpis; create schema marts; create schema clean")
    yield connection
    connection.close()


def test_names_and_texts_survive_quotes(database: duckdb.DuckDBPyConnection) -> None:
    name, text = 'a "b" c', "it's"
    database.execute(f"create table {quoted(name)} as select {literal(text)} as {quoted(name)}")
    assert database.execute(f"select {quoted(name)} from {quoted(name)}").fetchall() == [(text,)]


def test_tables_and_views_of_the_schemas_are_found_with_types_and_comments(
    database: duckdb.DuckDBPyConnection,
) -> None:
    database.execute("create table marts.b (z integer, a decimal(18, 4)); create table clean.c (i integer)")
    database.execute("create view kpis.v as select a from marts.b; create temp table t (i integer)")
    database.execute("comment on table marts.b is 'One row.'; comment on column marts.b.a is 'Amount'")
    database.execute("comment on view kpis.v is 'A view.'; comment on column kpis.v.a is 'The amount'")
    assert relations(database, "memory", ["kpis", "marts"]) == [
        Relation("kpis", "v", "A view.", (Column("a", "DECIMAL(18,4)", "The amount"),)),
        Relation("marts", "b", "One row.", (Column("z", "INTEGER", None), Column("a", "DECIMAL(18,4)", "Amount"))),
    ]
