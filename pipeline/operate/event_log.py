"""Dagster's own storage of runs and events in SQLite, its databases kept open between one event and the next.

Here belongs how the databases are opened; what is in them stays Dagster's, and an instance without this reads them.
Dagster opens, configures, commits and closes a database for every event, and forgets the SQL it has compiled: a run
has a thousand events, and they took a sixth of its time.
"""

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

# The index of all runs, the run that is going on, the one before it
_OPEN = 3


class Databases:
    """Open SQLite databases, those used last; never one that a forked process has from its parent."""

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._process = os.getpid()
        self._inherited: list[OrderedDict[str, Engine]] = []
        self._lock = threading.Lock()

    def engine(self, address: str) -> Engine:
        """The database's engine; whichever was used longest ago is closed when there are too many."""
        with self._lock:
            self._leave_the_parents()
            if address not in self._engines:
                self._engines[address] = _engine(address)
            self._engines.move_to_end(address)
            while len(self._engines) > self._at_most:
                self._engines.popitem(last=False)[1].dispose()
            return self._engines[address]

    def close(self) -> None:
        with self._lock:
            self._leave_the_parents()
            while self._engines:
                self._engines.popitem()[1].dispose()

    def _leave_the_parents(self) -> None:
        """SQLite loses its locks when a process so much as closes what its parent opened: such engines are kept, unused."""
        if self._process != os.getpid():
            self._inherited.append(self._engines)
            self._engines, self._process = OrderedDict(), os.getpid()


def _engine(address: str) -> Engine:
    """Connections that any thread may use, one thread at a time; one of them stays open."""
    arguments = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
    engine = create_engine(address, poolclass=QueuePool, pool_size=1, max_overflow=-1, connect_args=arguments)
    event.listen(engine, "connect", _write_without_waiting)
    return engine


def _write_without_waiting(connection: Any, record: Any) -> None:
    """A killed process loses nothing; a machine that loses power may lose the last events, never the database."""
    connection.execute("pragma synchronous = normal")


class EventLog(SqliteEventLogStorage):
    """Dagster's event log, a database for each run and an index of all."""

    def __init__(self, base_dir: str) -> None:
        self._databases = Databases(_OPEN)
        self._tables: set[str] = set()
        super().__init__(base_dir)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        if shard not in self._initialized_dbs:
            with super()._connect(shard):
                """Dagster makes the database's tables where they are not there yet."""
        with self._db_lock, self._databases.engine(self.conn_string_for_shard(shard)).begin() as connection:
            yield connection

    def has_table(self, table_name: str) -> bool:
        """Dagster asks with every event; a table that is there stays."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def wipe(self) -> None:
        self._databases.close()
        super().wipe()

    def dispose(self) -> None:
        self._databases.close()
        super().dispose()


class Runs(SqliteRunStorage):
    """Dagster's list of runs."""

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._databases = Databases(1)
        super().__init__(conn_string, inst_data)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with self._databases.engine(self._conn_string).begin() as connection:
            yield connection

    def dispose(self) -> None:
        self._databases.close()
        super().dispose()


class Storage(DagsterSqliteStorage):
    """What dagster.yaml names: Dagster's storage in the same files, by the classes above."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        plain_events, plain_runs = self._event_log_storage, self._run_storage
        self._event_log_storage = EventLog(plain_events._base_dir)
        self._run_storage = Runs(plain_runs._conn_string)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]) -> "Storage":
        return cls.from_local(inst_data=inst_data, **config_value)
