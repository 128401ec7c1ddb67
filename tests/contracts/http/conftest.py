"""A fault server and an endpoint on it: one server and one connection for all tests, scripts and folders for each."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipeline.warehouse import memory_database
from tests.servers.endpoints import Endpoint
from tests.servers.fault_server import FaultServer


@pytest.fixture(scope="session")
def running_server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


@pytest.fixture(scope="session")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = memory_database()
    yield connection
    connection.close()


@pytest.fixture
def server(running_server: FaultServer) -> FaultServer:
    running_server.forget()
    return running_server


@pytest.fixture
def endpoint(server: FaultServer, tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> Endpoint:
    return Endpoint(server, tmp_path, connection)
