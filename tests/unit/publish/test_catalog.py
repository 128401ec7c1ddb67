from collections.abc import Iterator

import duckdb
import pytest

from pipeline.publish.catalog import Column, Relation, digest, literal, quoted, relations
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


@pytest.mark.parametrize(
    ("left", "right", "is_same"),
    [
        ("(1, 'a'), (2, 'b')", "(2, 'b'), (1, 'a')", True),
        ("(1, 'a'), (2, 'b')", "(1, 'b'), (2, 'a')", False),
        ("(1, 'a')", "(1, 'a'), (1, 'a')", False),
        ("(1, null)", "(null, 'a')", False),
        ("(1, 'a'), (1, 'a')", "(2, 'b'), (2, 'b')", False),
    ],
)
def test_a_digest_tells_rows_apart_and_not_their_order(
    database: duckdb.DuckDBPyConnection, left: str, right: str, is_same: bool
) -> None:
    for name, rows in (("l", left), ("r", right)):
        database.execute(f"create table marts.{name} (i integer, s varchar)")
        database.execute(f"insert into marts.{name} values {rows}")
    one, other = relations(database, "memory", ["marts"])
    assert (digest(database, "memory", one) == digest(database, "memory", other)) is is_same


def test_a_digest_of_no_rows(database: duckdb.DuckDBPyConnection) -> None:
    database.execute("create table marts.e (i integer)")
    assert digest(database, "memory", relations(database, "memory", ["marts"])[0]) == (0, None)
