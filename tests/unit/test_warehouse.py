"""The warehouse: fixed tables, transactions that are all or nothing, one holder at a time."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from pipeline.contracts import Contracts
from pipeline.errors import UserError
from pipeline.warehouse import TransactionFailed, Warehouse, memory_database, open_warehouse, read_published


@pytest.fixture
def warehouse(tmp_path: Path, contracts: Contracts) -> Iterator[Warehouse]:
    opened = open_warehouse(tmp_path / "data" / "warehouse.duckdb", contracts)
    yield opened
    opened.close()


def one(connection: duckdb.DuckDBPyConnection, query: str) -> object:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_every_entity_has_a_table_before_anything_is_loaded(warehouse: Warehouse, contracts: Contracts) -> None:
    found = warehouse.connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'clean'"
    ).fetchall()
    assert {name for (name,) in found} == {contract.table for contract in contracts.values()}


def test_every_table_of_ops_and_report_says_what_one_row_is(warehouse: Warehouse) -> None:
    silent = warehouse.connection.execute(
        "select table_name from duckdb_tables()"
        " where schema_name in ('ops', 'report') and coalesce(comment, '') not like 'One row%'"
    ).fetchall()
    assert silent == []


def test_no_table_has_a_key_or_an_index(warehouse: Warehouse) -> None:
    assert one(warehouse.connection, "select count(*) from duckdb_indexes()") == 0
    assert one(warehouse.connection, "select count(*) from duckdb_constraints()") == 0


def test_opening_again_keeps_what_is_there(tmp_path: Path, contracts: Contracts) -> None:
    path = tmp_path / "warehouse.duckdb"
    for expected in (0, 1):
        warehouse = open_warehouse(path, contracts)
        assert one(warehouse.connection, "select count(*) from ops.headline") == expected
        warehouse.connection.execute("insert into ops.headline values (1, 'visits')")
        warehouse.close()


def test_a_column_the_contract_gained_is_added_empty(tmp_path: Path, contracts: Contracts) -> None:
    contract = next(iter(contracts.values()))
    *kept, gained = contract.columns
    before = contract.model_copy(update={"columns": {name: contract.columns[name] for name in kept}})
    path = tmp_path / "warehouse.duckdb"

    warehouse = open_warehouse(path, {contract.entity: before})
    warehouse.connection.execute(f"insert into clean.{contract.table} (_row_id) values ('1')")
    warehouse.close()

    warehouse = open_warehouse(path, {contract.entity: contract})
    assert warehouse.connection.execute(f"select _row_id, {gained} from clean.{contract.table}").fetchall() == [
        ("1", None)
    ]
    warehouse.close()


def test_what_is_committed_stays(warehouse: Warehouse) -> None:
    with warehouse.transaction() as cursor:
        cursor.execute("insert into ops.headline values (1, 'visits')")
    assert one(warehouse.connection, "select count(*) from ops.headline") == 1


def write_and(warehouse: Warehouse, then: Callable[[duckdb.DuckDBPyConnection], object]) -> None:
    with warehouse.transaction() as cursor:
        cursor.execute("insert into ops.headline values (1, 'visits')")
        then(cursor)


def interrupt(_: duckdb.DuckDBPyConnection) -> None:
    raise KeyboardInterrupt


def fail(cursor: duckdb.DuckDBPyConnection) -> None:
    cursor.execute("select 'text'::integer")


def fail_and_swallow(cursor: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):
        fail(cursor)


@pytest.mark.parametrize(
    ("then", "raised"),
    [
        (fail, duckdb.ConversionException),
        (interrupt, KeyboardInterrupt),
        # DuckDB reports success for this COMMIT and keeps nothing: the caller must learn of it
        (fail_and_swallow, TransactionFailed),
    ],
)
def test_an_error_inside_a_transaction_leaves_nothing_and_is_told(
    warehouse: Warehouse, then: Callable[[duckdb.DuckDBPyConnection], object], raised: type[BaseException]
) -> None:
    with pytest.raises(raised):
        write_and(warehouse, then)
    assert one(warehouse.connection, "select count(*) from ops.headline") == 0


def test_times_are_utc_wherever_the_machine_stands(warehouse: Warehouse) -> None:
    scratch = memory_database()
    assert one(warehouse.connection, "select current_setting('TimeZone')") == "UTC"
    assert one(scratch, "select current_setting('TimeZone')") == "UTC"
    scratch.close()


def test_the_database_draws_nothing_over_our_own_progress(warehouse: Warehouse) -> None:
    scratch = memory_database()
    assert one(warehouse.connection, "select current_setting('enable_progress_bar')") is False
    assert one(scratch, "select current_setting('enable_progress_bar')") is False
    scratch.close()


def test_limits_are_set(tmp_path: Path, contracts: Contracts) -> None:
    warehouse = open_warehouse(tmp_path / "w.duckdb", contracts, memory_limit="300MB", threads=1, max_temp_size="1GB")
    assert one(warehouse.connection, "select current_setting('threads')") == 1
    assert one(warehouse.connection, "select current_setting('memory_limit')") == "286.1 MiB"
    assert one(warehouse.connection, "select current_setting('max_temp_directory_size')") == "953.6 MiB"
    warehouse.close()


def test_a_second_process_is_told_who_holds_the_warehouse(warehouse: Warehouse) -> None:
    program = (
        "import sys; from pathlib import Path; from pipeline.warehouse import open_warehouse\n"
        "try: open_warehouse(Path(sys.argv[1]), {})\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(warehouse.path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("UserError")
    assert "another run holds the warehouse; found process" in done.stdout
    assert len(done.stdout.splitlines()) == 1


def test_closing_lets_the_next_process_in(tmp_path: Path, contracts: Contracts) -> None:
    path = tmp_path / "warehouse.duckdb"
    open_warehouse(path, contracts).close()
    done = subprocess.run(
        [sys.executable, "-c", f"import duckdb; duckdb.connect({str(path)!r}).execute('select 1')"], check=False
    )
    assert done.returncode == 0


def test_a_file_that_is_no_warehouse_is_a_users_mistake(tmp_path: Path, contracts: Contracts) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_text("no database at all, but long enough to have a header of its own" * 100)
    with pytest.raises(UserError, match="the warehouse cannot be opened"):
        open_warehouse(path, contracts)


def test_a_data_directory_below_a_file_is_a_users_mistake(tmp_path: Path, contracts: Contracts) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(UserError, match="the data directory cannot be made"):
        open_warehouse(tmp_path / "data" / "sub" / "warehouse.duckdb", contracts)


def test_the_published_file_is_only_read(tmp_path: Path, contracts: Contracts) -> None:
    made = open_warehouse(tmp_path / "made.duckdb", contracts)
    made.connection.execute("insert into ops.headline values (1, 'visits')")
    made.close()
    # Named as its schema, so that plain ops.headline would be ambiguous
    path = (tmp_path / "made.duckdb").rename(tmp_path / "ops.duckdb")
    connection = read_published(path)
    assert one(connection, "select kpi_id from ops.ops.headline") == "visits"
    with pytest.raises(duckdb.Error, match="read-only"):
        connection.execute("create table kpis.mine (id integer)")
    connection.close()
