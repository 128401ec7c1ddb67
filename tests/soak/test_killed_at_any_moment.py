"""Killed at a random moment, and one time in three again while it recovers, a run is completed by the next.

Every round has a seed of its own, which is its name: `pytest "tests/soak[...][17]"` does round 17 again. A moment is
a share of the time a run takes, so the same seed dies at about the same place, not at the very same one. Every moment is
said beside its round's verdict.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pipeline.sample import make_sample
from pipeline.warehouse import memory_database
from tests import mortal
from tests.mortal import KILLED
from tests.soak.conftest import MOMENT
from tests.tables import differing, outcome, rows_ahead_of_their_load

AS_OF = "2026-10-31"
FIRST = int(os.environ.get("SOAK_SEED", "1"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("SOAK_ROUNDS", "100")))


@dataclass(frozen=True)
class Start:
    """What a run finds, how long it takes when nobody disturbs it, and what it leaves then."""

    data: Path
    seconds: float
    outcome: dict[str, Any]


class Rounds:
    """A small company: its first months, and all of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.company = folder, folder / "company"

    def run(self, data: Path, *, die_after: float | None = None) -> mortal.Ended:
        where = ["--sources", self.company / "sources.yml", "--data-dir", data, "--as-of", AS_OF]
        return mortal.ops(["run", *where], die_after=die_after)

    def start(self, name: str, data: Path) -> Start:
        """A start is measured on a copy, so that every round finds the same."""
        done = self.folder / f"{name} done"
        shutil.copytree(data, done)
        ended = self.run(done)
        assert ended.code == 0, ended.output
        return Start(data, ended.seconds, outcome(done))


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Rounds:
    rounds = Rounds(tmp_path_factory.mktemp("soak"))
    connection = memory_database()
    make_sample(rounds.company, connection=connection, days=120, scale=0.2, seed=1)
    connection.close()
    return rounds


@pytest.fixture(scope="module")
def starts(rounds: Rounds) -> dict[str, Start]:
    """With nothing but dbt's parsed project; and with all but the newest files loaded the day before."""
    newest = sorted(rounds.company.glob("exports/*/*_2026-10*.csv"))
    assert newest
    for path in newest:
        path.rename(path.with_suffix(".later"))
    before = rounds.folder / "before"
    assert rounds.run(before).code in (0, 3)
    for path in newest:
        path.with_suffix(".later").rename(path)
    empty = rounds.folder / "empty"
    shutil.copytree(before / "dbt", empty / "dbt")
    return {"empty": rounds.start("empty", empty), "before": rounds.start("before", before)}


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """Two hundred data directories are more than a disk need hold."""
    yield tmp_path / "data"
    shutil.rmtree(tmp_path / "data", ignore_errors=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_run_after_a_kill_leaves_what_a_run_nobody_disturbed_leaves(
    rounds: Rounds, starts: dict[str, Start], data: Path, seed: int, record_property: Callable[[str, object], None]
) -> None:
    chance = Random(seed)
    name = chance.choice(sorted(starts))
    shutil.copytree(starts[name].data, data)
    for _ in range(chance.choice((1, 1, 2))):
        moment = chance.uniform(0, starts[name].seconds)
        ended = rounds.run(data, die_after=moment)
        assert ended.code in (KILLED, 0), ended.output
        step = (ended.output.strip().splitlines() or ["nothing said yet"])[-1].strip()
        record_property(MOMENT, f"seed {seed}, from {name}: killed after {moment:.2f} s, last said: {step}")
        if (data / "warehouse.duckdb").exists():
            assert rows_ahead_of_their_load(data / "warehouse.duckdb") == []
    last = rounds.run(data)
    assert last.code == 0, last.output
    left, expected = outcome(data), starts[name].outcome
    assert {part: differing(left[part], expected[part]) for part in expected if left[part] != expected[part]} == {}
