"""A database written anew holds what it held, and no byte of what was deleted."""

from pathlib import Path

import pytest

from pipeline.contracts import Contracts
from pipeline.privacy.compact import write_anew
from pipeline.warehouse import memory_database, open_warehouse

VALUE = "a-value-nobody-else-has@example.org"


def described(path: Path, contracts: Contracts) -> list[tuple[object, ...]]:
    opened = open_warehouse(path, contracts)
    try:
        return opened.connection.execute(
            """select schema_name, table_name, comment from duckdb_tables() union all
            select schema_name, view_name, comment from duckdb_views() where not internal union all
            select schema_name, function_name, macro_definition from duckdb_functions() where not internal
            order by all"""
        ).fetchall()
    finally:
        opened.close()


def test_deleted_bytes_are_gone_and_everything_else_is_there(tmp_path: Path, contracts: Contracts) -> None:
    path = tmp_path / "warehouse.duckdb"
    opened = open_warehouse(path, contracts)
    opened.connection.execute("set force_compression = 'uncompressed'")
    opened.connection.execute("insert into quarantine.rows (row_id, raw) select range, ? from range(2000)", [VALUE])
    opened.connection.execute("create view staging.counted as select count(*) as rows from quarantine.rows")
    opened.connection.execute("checkpoint")
    opened.connection.execute("delete from quarantine.rows where row_id <> '7'")
    opened.connection.execute("update quarantine.rows set raw = null")
    opened.close()
    before = described(path, contracts)
    assert VALUE.encode() in path.read_bytes()
    with memory_database() as connection:
        write_anew(connection, path)
    assert VALUE.encode() not in path.read_bytes()
    assert described(path, contracts) == before
    assert [one.name for one in tmp_path.iterdir()] == ["warehouse.duckdb"]
    opened = open_warehouse(path, contracts)
    assert opened.connection.execute("select * from staging.counted").fetchall() == [(1,)]
    opened.close()


def test_the_old_file_stands_when_the_copy_fails(tmp_path: Path, contracts: Contracts) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(b"this is no database")
    with memory_database() as connection, pytest.raises(Exception, match="not a valid DuckDB"):
        write_anew(connection, path)
    assert path.read_bytes() == b"this is no database"
    assert [one.name for one in tmp_path.iterdir()] == ["warehouse.duckdb"]
