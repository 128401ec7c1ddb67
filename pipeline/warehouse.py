"""The one place that opens DuckDB: the private warehouse, the published file, scratch databases.

Here belong connections, transactions and the fixed tables; what is written into them is the stages' affair.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from pipeline.contracts import Contracts, clean_columns, clean_table_ddl
from pipeline.errors import UserError

SCHEMA_SQL = Path(__file__).with_name("warehouse.sql")
MACROS_SQL = Path(__file__).with_name("macros.sql")


class TransactionFailed(Exception):
    """A commit was asked for after an error inside the transaction; everything was rolled back."""


class Warehouse:
    """An open warehouse. One process holds it at a time; `close` releases dbt's hold on it too."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.path = path
        self.connection = connection

    def cursor(self) -> duckdb.DuckDBPyConnection:
        return self.connection.cursor()

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor inside a transaction: committed at the end, rolled back on any error.

        DuckDB 2.0 reports success for COMMIT after an error and keeps nothing; the exception path never commits.
        """
        cursor = self.cursor()
        cursor.begin()
        try:
            yield cursor
        except BaseException:
            with suppress(duckdb.Error):
                cursor.rollback()
            raise
        else:
            _commit(cursor)
        finally:
            cursor.close()

    def close(self) -> None:
        with suppress(duckdb.Error):
            self.connection.execute("checkpoint")
        self.connection.close()
        _release_dbt()


def _commit(cursor: duckdb.DuckDBPyConnection) -> None:
    """Commit; raises TransactionFailed where an error was swallowed on the way, for COMMIT would not say so."""
    try:
        cursor.execute("select 1")
    except duckdb.Error as error:
        cursor.rollback()
        raise TransactionFailed(str(error)) from error
    cursor.commit()


def open_warehouse(
    path: Path,
    contracts: Contracts,
    *,
    memory_limit: str | None = None,
    max_temp_size: str = "50GB",
    threads: int | None = None,
) -> Warehouse:
    """Open (or create) the warehouse with all its fixed tables.

    Raises UserError naming the holder when another process has it open, and when the directory is not usable.
    """
    with suppress(FileExistsError):
        _make_directory(path.parent)
    connection = _connect(path)
    limits = {"memory_limit": memory_limit, "threads": threads, "max_temp_directory_size": max_temp_size}
    for name, value in limits.items():
        if value is not None:
            connection.execute(f"set {name} = '{value}'")
    _configure(connection)
    connection.execute(f"set temp_directory = {_literal(path.parent / 'tmp')}")
    create_fixed_tables(connection, contracts)
    return Warehouse(path, connection)


def create_fixed_tables(connection: duckdb.DuckDBPyConnection, contracts: Contracts) -> None:
    """Schemas, ops and report tables and one clean table per entity; existing ones stay as they are."""
    connection.execute(SCHEMA_SQL.read_text(encoding="utf-8"))
    for contract in contracts.values():
        connection.execute(clean_table_ddl(contract))
    present = set(
        connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'clean'"
        ).fetchall()
    )
    for contract in contracts.values():
        # A contract that gained a column since its table was made gets it here, empty
        for name, sql_type in clean_columns(contract).items():
            if (contract.table, name) not in present:
                connection.execute(f'alter table clean."{contract.table}" add column "{name}" {sql_type}')


def memory_database() -> duckdb.DuckDBPyConnection:
    """A database of its own in memory, in UTC; the caller closes it."""
    connection = duckdb.connect()
    _configure(connection)
    return connection


def _configure(connection: duckdb.DuckDBPyConnection) -> None:
    """What holds for every connection of ours: times are UTC, nothing is drawn over a run's own progress, macros are there."""
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")
    # Of a file written anew within milliseconds it was seen to give back the old bytes
    connection.execute("set enable_external_file_cache = false")
    connection.execute(MACROS_SQL.read_text(encoding="utf-8"))


def read_published(path: Path) -> duckdb.DuckDBPyConnection:
    """The published file, read only; the caller closes it."""
    return duckdb.connect(str(path), read_only=True)


def _make_directory(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            "the data directory cannot be made",
            where=str(path),
            found=str(error.strerror),
            action="give --data-dir a directory you may write to",
        ) from None


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(path))
    except duckdb.IOException as error:
        raise _explained(path, str(error)) from None


def _explained(path: Path, message: str) -> UserError:
    holder = re.search(r"Conflicting lock is held in (.+?) \(PID (\d+)\)", message)
    if holder:
        return UserError(
            "another run holds the warehouse",
            where=str(path),
            found=f"process {holder[2]} ({holder[1]})",
            action="wait until it has ended, or stop it",
        )
    return UserError(
        "the warehouse cannot be opened",
        where=str(path),
        found=message.splitlines()[0],
        expected="a DuckDB file this process may write",
        action="check its permissions; landing/ is the truth, so a broken warehouse can be deleted and is rebuilt",
    )


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _release_dbt() -> None:
    """dbt-duckdb keeps its handle, and with it the file lock, after an invocation returns."""
    import sys

    module = sys.modules.get("dbt.adapters.duckdb.connections")
    environment = module.DuckDBConnectionManager._ENV if module else None
    if environment is not None:
        environment.close()
        module.DuckDBConnectionManager._ENV = None  # type: ignore[union-attr]
