"""Fixtures of the extract tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from pipeline.warehouse import memory_database
from tests.unit.extract.places import Place
from tests.unit.extract.readings import Shelf


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    connection = memory_database()
    yield Place(tmp_path, connection)
    connection.close()


@pytest.fixture(scope="session")
def new_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Place]]:
    """For generated examples: a fresh place for each, one connection for all."""
    connection = memory_database()
    yield lambda: Place(tmp_path_factory.mktemp("place"), connection)
    connection.close()


@pytest.fixture(scope="session")
def reading_connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Readers leave nothing behind in a database, so that one serves them all."""
    connection = memory_database()
    yield connection
    connection.close()


@pytest.fixture
def shelf(tmp_path: Path, reading_connection: duckdb.DuckDBPyConnection) -> Shelf:
    return Shelf(tmp_path, reading_connection)
