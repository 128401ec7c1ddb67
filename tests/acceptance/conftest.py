"""One real run of the Maven example, shared by all acceptance tests."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipeline.settings import REPOSITORY
from pipeline.warehouse import memory_database

DATA = REPOSITORY.parent / "shared" / "data"
COMMAND = Path(sys.executable).with_name("ops-summary")
ARGUMENTS = ["--sources", "examples/maven/sources.yml", "--period", "2014-12", "--as-of", "2018-01-31"]


@dataclass(frozen=True)
class Run:
    """What one invocation left behind."""

    data_dir: Path
    exit_code: int
    output: str

    @property
    def published(self) -> Path:
        return self.data_dir / "published" / "ops.duckdb"


def run_maven(data_dir: Path) -> Run:
    done = subprocess.run(
        [str(COMMAND), "run", *ARGUMENTS, "--data-dir", str(data_dir)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    return Run(data_dir, done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="session")
def maven(tmp_path_factory: pytest.TempPathFactory) -> Run:
    assert DATA.is_dir(), f"the real exports are not at {DATA}: put them beside this checkout"
    run = run_maven(tmp_path_factory.mktemp("maven") / "data")
    assert run.exit_code == 0, run.output
    return run


@contextmanager
def open_published(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file as docs/tables.md tells BI to read it."""
    connection = memory_database()
    connection.execute(f"attach '{path}' as summary (read_only)")
    connection.execute("use summary")
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def published(maven: Run) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_published(maven.published) as connection:
        yield connection
