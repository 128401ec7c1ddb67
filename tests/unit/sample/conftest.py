import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.sample import SampleResult, make_sample
from pipeline.warehouse import memory_database
from tests.unit.sample.sample_loader import load

END = date(2026, 10, 31)


def make(directory: Path, *, days: int = 60, scale: float = 0.3, seed: int = 1, **other: Any) -> SampleResult:
    with memory_database() as connection:
        return make_sample(directory, days=days, scale=scale, seed=seed, connection=connection, end=END, **other)


@dataclass(frozen=True)
class Made:
    """The default sample and its truth."""

    directory: Path
    truth: dict[str, Any]


@dataclass(frozen=True)
class Loaded:
    """A sample with its truth, and what a loader of our own found in its files."""

    directory: Path
    truth: dict[str, Any]
    clean: duckdb.DuckDBPyConnection
    counts: dict[tuple[str, str], Any]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.clean.execute(sql).fetchall()


@pytest.fixture(scope="session")
def default(tmp_path_factory: pytest.TempPathFactory) -> Made:
    directory = tmp_path_factory.mktemp("default")
    with memory_database() as connection:
        make_sample(directory, connection=connection)
    return Made(directory, json.loads((directory / "truth.json").read_text()))


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """Four months: each export has several files where it is written by the month."""
    directory = tmp_path_factory.mktemp("loaded")
    make(directory, days=120, scale=0.7)
    truth = json.loads((directory / "truth.json").read_text())
    clean, counts = load(directory, sorted(truth["kpis"]))
    clean.execute(
        "create view valid_orders as select * from finance__orders where status <> 'cancelled' and not is_test"
    )
    clean.execute("create view succeeded as select * from finance__payments where status = 'succeeded'")
    clean.execute("create view won as select * from crm__opportunities where status = 'won'")
    return Loaded(directory, truth, clean, counts)


@pytest.fixture
def make_small() -> Callable[..., SampleResult]:
    return make
