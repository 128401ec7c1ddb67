"""What every tier shares: the checkout, its contracts, tables written as text."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from pipeline.contracts import Contracts, load_contracts
from pipeline.settings import EXPECTATIONS, REPOSITORY
from pipeline.warehouse import open_warehouse
from tests.deliveries import Loader

# Shared machines are slow at times: how long an example takes says nothing about the code. The same examples each time:
# a change is judged by what it changed; `make soak` looks for new ones (--hypothesis-profile=search).
settings.register_profile("ops_summary", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, print_blob=True, max_examples=1000)
settings.load_profile("ops_summary")


# What takes minutes begins first, so that no worker is left alone with it at the end; beside the file that makes the
# company of the tier, one that does not wait for it
FIRST = ("pipeline/test_crash.py", "pipeline/test_privacy.py", "pipeline/test_dbt_project.py", "pipeline/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _turn(item.path.relative_to(Path(__file__).parent).as_posix()))


def _turn(path: str) -> int:
    return next((turn for turn, first in enumerate(FIRST) if path.startswith(first)), len(FIRST))


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def contracts() -> Contracts:
    return load_contracts(EXPECTATIONS)


@pytest.fixture
def loader(tmp_path: Path, contracts: Contracts) -> Iterator[Loader]:
    """An empty warehouse and a way to load small deliveries into it."""
    warehouse = open_warehouse(tmp_path / "warehouse.duckdb", contracts)
    yield Loader(warehouse, contracts, tmp_path / "landed")
    warehouse.close()
