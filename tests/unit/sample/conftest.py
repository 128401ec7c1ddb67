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
class Loaded:
    """A sample with its truth, and what a loader of our own found in its files."""

    directory: Path
    truth: dict[str, Any]
    clean: duckdb.DuckDBPyConnection
    counts: dict[tuple[str, str], Any]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.clean.execute(sql).fetchall()


def _loaded(directory: Path, **arguments: Any) -> Loaded:
    make(directory, **arguments)
    truth = json.loads((directory / "truth.json").read_text())
    clean, counts = load(directory, sorted(truth["kpis"]))
    return Loaded(directory, truth, clean, counts)


@pytest.fixture(scope="session")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return _loaded(tmp_path_factory.mktemp("usual"), days=120, scale=1.5, dirt="usual")


@pytest.fixture(scope="session")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return _loaded(tmp_path_factory.mktemp("hard"), days=120, scale=1.5, dirt="hard")


@pytest.fixture
def make_small() -> Callable[..., SampleResult]:
    return make
