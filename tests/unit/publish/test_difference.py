from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from pipeline.publish.catalog import relations
from pipeline.publish.difference import Change, changes
from pipeline.warehouse import memory_database

FIRST, SECOND = date(2031, 3, 1), date(2031, 3, 2)


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = memory_database()
    connection.execute("attach ':memory:' as old; create schema memory.marts; create schema old.marts")
    yield connection
    connection.close()


def _changes(database: duckdb.DuckDBPyConnection, columns: str, old: str, new: str) -> list[Change]:
    for side, rows in (("old", old), ("memory", new)):
        database.execute(f"create table {side}.marts.t ({columns})")
        if rows:
            database.execute(f"insert into {side}.marts.t values {rows}")
    return changes(database, "memory", "old", relations(database, "memory", ["marts"]))


@pytest.mark.parametrize(
    ("old", "new", "is_same"),
    [
        ("(1, 'a'), (2, 'b')", "(2, 'b'), (1, 'a')", True),
        ("(1, 'a'), (2, 'b')", "(1, 'b'), (2, 'a')", False),
        ("(1, 'a')", "(1, 'a'), (1, 'a')", False),
        ("(1, null)", "(null, 'a')", False),
        ("(1, 'a'), (1, 'a')", "(2, 'b'), (2, 'b')", False),
        ("", "", True),
        ("", "(1, 'a')", False),
        ("(1, 'a')", "", False),
    ],
)
def test_rows_are_told_apart_and_not_their_order(
    database: duckdb.DuckDBPyConnection, old: str, new: str, is_same: bool
) -> None:
    assert (_changes(database, "i integer, s varchar", old, new) == []) is is_same


@pytest.mark.parametrize(
    ("old", "new", "days"),
    [
        ("('2031-03-01', 1), ('2031-03-02', 2)", "('2031-03-01', 1), ('2031-03-02', 3)", {SECOND}),
        ("('2031-03-01', 1)", "('2031-03-01', 1), ('2031-03-02', 2)", {SECOND}),
        ("('2031-03-01', 1), ('2031-03-02', 2)", "('2031-03-02', 2)", {FIRST}),
        ("('2031-03-01', 1), ('2031-03-02', 1)", "('2031-03-02', 1), ('2031-03-02', 1)", {FIRST, SECOND}),
        ("('2031-03-01', 1), (null, 2)", "('2031-03-01', 1), (null, 3)", {None}),
    ],
)
def test_of_a_dated_table_the_days_are_told(
    database: duckdb.DuckDBPyConnection, old: str, new: str, days: set[date | None]
) -> None:
    found = _changes(database, "day date, i integer", old, new)
    assert [(one.dated_by, set(one.days)) for one in found] == [("day", days)]


@pytest.mark.parametrize(
    ("columns", "old", "new", "is_most"),
    [
        ("day date", "('2031-03-01'), ('2031-03-02')", "('2031-03-01'), ('2031-03-02'), ('2031-03-03')", False),
        ("day date", "('2031-03-01'), ('2031-03-02')", "('2031-03-01'), ('2031-03-03'), ('2031-03-04')", True),
        ("i integer", "(1), (2), (3)", "(1), (2)", False),
        ("i integer", "(1), (2), (3)", "(1), (4), (5)", True),
    ],
)
def test_whether_most_of_a_table_differs(
    database: duckdb.DuckDBPyConnection, columns: str, old: str, new: str, is_most: bool
) -> None:
    assert [one.is_most for one in _changes(database, columns, old, new)] == [is_most]
