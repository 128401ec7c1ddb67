"""Fixtures of the extract tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.warehouse import memory_database
from tests.unit.extract.places import Place


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
