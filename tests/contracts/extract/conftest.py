"""Fixtures of the extract tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.warehouse import memory_database
from tests.unit.extract.places import Place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    connection = memory_database()
    yield Place(tmp_path, connection)
    connection.close()
