from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import UserError
from pipeline.publish import publish, published_file
from pipeline.warehouse import Warehouse, open_warehouse, read_published


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    warehouse = open_warehouse(tmp_path / "warehouse.duckdb", {})
    warehouse.connection.execute("create table marts.fct_sales as select range as id, 'x' as name from range(3)")
    warehouse.connection.execute("create view kpis.sales as select count(*) as sales from marts.fct_sales")
    yield warehouse
    warehouse.close()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "published" / "ops.duckdb"


def _read(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = read_published(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_tables_and_views_become_tables_with_their_comments(warehouse: Warehouse, target: Path) -> None:
    warehouse.connection.execute("comment on table marts.fct_sales is 'One row per sale; it''s all of them.'")
    warehouse.connection.execute("comment on view kpis.sales is 'One row.'; comment on column kpis.sales.sales is 'n'")
    result = publish(warehouse.connection, target)
    assert _read(target, "select * from kpis.sales") == [(3,)]
    assert _read(target, "select view_name from duckdb_views() where not internal") == []
    assert _read(target, "select table_name, comment from duckdb_tables() where schema_name in ('marts', 'kpis')") == [
        ("sales", "One row."),
        ("fct_sales", "One row per sale; it's all of them."),
    ]
    assert _read(target, "select column_name from duckdb_columns() where comment = 'n'") == [("sales",)]
    assert (result.path, result.bytes, result.is_new) == (target, target.stat().st_size, True)
    assert [(result.tables,)] == _read(target, "select count(*) from duckdb_tables()")


def test_only_the_published_schemas_are_in_the_file(warehouse: Warehouse, target: Path) -> None:
    warehouse.connection.execute("create table clean.secret (i integer); create table staging.inner_part (i integer)")
    publish(warehouse.connection, target)
    schemas = _read(target, "select distinct schema_name from duckdb_schemas() where not internal order by 1")
    assert schemas == [("analysis",), ("kpis",), ("marts",), ("ops",), ("report",)]


def test_the_same_content_leaves_the_file_alone(warehouse: Warehouse, target: Path) -> None:
    publish(warehouse.connection, target)
    before = target.stat()
    result = publish(warehouse.connection, target)
    assert not result.is_new
    assert (target.stat().st_ino, target.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(
    "change",
    [
        "insert into marts.fct_sales values (4, 'y')",
        "update marts.fct_sales set name = 'y' where id = 1",
        "alter table marts.fct_sales rename name to label",
        "create or replace table marts.fct_sales as select cast(id as integer) as id, name from marts.fct_sales",
        "comment on table marts.fct_sales is 'Other words'",
        "comment on column marts.fct_sales.id is 'Other words'",
        "create table marts.dim_new (i integer)",
        "create or replace view kpis.sales as select -count(*) as sales from marts.fct_sales",
    ],
)
def test_any_change_replaces_the_file(warehouse: Warehouse, target: Path, change: str) -> None:
    publish(warehouse.connection, target)
    warehouse.connection.execute(change)
    assert publish(warehouse.connection, target).is_new


def test_a_file_nobody_can_read_is_replaced(warehouse: Warehouse, target: Path) -> None:
    target.parent.mkdir()
    target.write_text("not a database", encoding="utf-8")
    assert publish(warehouse.connection, target).is_new
    assert _read(target, "select sales from kpis.sales") == [(3,)]


def test_what_a_killed_publish_left_is_removed(warehouse: Warehouse, target: Path) -> None:
    target.parent.mkdir()
    for name in ("ops.duckdb.new", "ops.duckdb.new.wal"):
        (target.parent / name).write_text("half", encoding="utf-8")
    publish(warehouse.connection, target)
    assert [path.name for path in target.parent.iterdir()] == ["ops.duckdb"]


def test_a_failure_leaves_the_old_file_and_nothing_else(warehouse: Warehouse, target: Path) -> None:
    publish(warehouse.connection, target)
    warehouse.connection.execute("insert into marts.fct_sales values (4, 'y')")
    warehouse.connection.execute("create view marts.broken as select cast('x' as integer) as i from range(1)")
    with pytest.raises(Exception, match="Could not convert string 'x'"):
        publish(warehouse.connection, target)
    assert [path.name for path in target.parent.iterdir()] == ["ops.duckdb"]
    assert _read(target, "select sales from kpis.sales") == [(3,)]
    warehouse.connection.execute("drop view marts.broken")
    assert publish(warehouse.connection, target).is_new


def test_a_directory_that_cannot_be_made_is_one_error(warehouse: Warehouse, target: Path) -> None:
    target.parent.write_text("a file in the way", encoding="utf-8")
    with pytest.raises(UserError, match="the published file cannot be written") as error:
        publish(warehouse.connection, target)
    assert error.value.where == str(target)


def test_a_directory_in_the_place_of_the_file_is_one_error(warehouse: Warehouse, target: Path) -> None:
    target.mkdir(parents=True)
    with pytest.raises(UserError, match="Is a directory"):
        publish(warehouse.connection, target)


def test_names_with_quotes_are_copied(warehouse: Warehouse, target: Path) -> None:
    warehouse.connection.execute("""create table marts."odd ""name" as select 1 as "a b" """)
    publish(warehouse.connection, target)
    assert _read(target, """select "a b" from marts."odd ""name" """) == [(1,)]


@pytest.fixture
def history(warehouse: Warehouse, target: Path) -> Warehouse:
    """Published: a hundred days of rows that a reader could recognise in the file's bytes."""
    warehouse.connection.execute(
        "create table marts.fct_days as select date '2031-01-01' + cast(range as integer) as day,"
        " 'row ' || range as name from range(100)"
    )
    warehouse.connection.execute("insert into marts.fct_days values (null, 'undated')")
    publish(warehouse.connection, target)
    return warehouse


def _same(warehouse: Warehouse, target: Path, table: str) -> bool:
    query = f"select * from {table} order by all"
    return _read(target, query) == warehouse.connection.execute(query).fetchall()


@pytest.mark.parametrize(
    "change",
    [
        "insert into marts.fct_days values ('2031-04-11', 'next')",
        "delete from marts.fct_days where day = '2031-01-05'",
        "update marts.fct_days set name = 'late' where day in ('2031-01-05', '2031-02-01')",
        "update marts.fct_days set day = '2030-12-31' where day = '2031-01-05'",
        "update marts.fct_days set name = 'still undated' where day is null",
        "update marts.fct_days set name = 'all'",
        "delete from marts.fct_days",
        "alter table marts.fct_days add column amount integer",
        "alter table marts.fct_days rename column day to date",
    ],
)
def test_a_changed_day_reaches_readers_whole(history: Warehouse, target: Path, change: str) -> None:
    history.connection.execute(change)
    assert publish(history.connection, target).is_new
    assert _same(history, target, "marts.fct_days")
    assert _same(history, target, "marts.fct_sales")
    assert not publish(history.connection, target).is_new


def test_a_day_is_not_a_reason_to_write_everything(
    history: Warehouse, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.connection.execute("insert into marts.fct_days values ('2031-04-11', 'next')")
    monkeypatch.setattr(published_file, "_write", None)
    publish(history.connection, target)
    assert _same(history, target, "marts.fct_days")


def test_day_after_day_the_file_holds_what_the_warehouse_does(history: Warehouse, target: Path) -> None:
    for number in range(5):
        history.connection.execute(
            f"insert into marts.fct_days select date '2031-04-11' + {number}, cast(hash(range) as varchar) from range(5000);"
            f"update marts.fct_days set name = 'late' where day = date '2031-01-01' + {number};"
            f"create or replace table kpis.kpi_rows as select range + {number} as n from range(20000)"
        )
        publish(history.connection, target)
    assert all(_same(history, target, table) for table in ("marts.fct_days", "kpis.kpi_rows", "kpis.sales"))
    free, total = _read(target, "select free_blocks, total_blocks from pragma_database_size()")[0]
    assert 2 * int(str(free)) <= int(str(total))


@pytest.mark.parametrize("change", ["update marts.fct_days set name = 'gone'", "update marts.fct_sales set name = 'y'"])
def test_what_people_are_no_longer_called_leaves_no_trace(history: Warehouse, target: Path, change: str) -> None:
    """Other words for most rows of a table, dated or not: the file is written anew."""
    before = target.read_bytes()
    assert b"row 42" in before
    history.connection.execute(change + "; delete from marts.fct_days where name = 'row 42'")
    publish(history.connection, target)
    assert b"row 42" not in target.read_bytes()


def test_written_anew_on_demand_it_holds_nothing_of_the_old(history: Warehouse, target: Path) -> None:
    history.connection.execute("delete from marts.fct_days where name = 'row 42'")
    publish(history.connection, target, anew=True)
    assert b"row 42" not in target.read_bytes()
    assert _same(history, target, "marts.fct_days")
