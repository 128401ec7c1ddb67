"""A small sample company and one finished run of the real command line on it, shared by the tier's tests."""

import fcntl
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.sample import make_sample
from pipeline.settings import REPOSITORY
from pipeline.warehouse import memory_database
from tests import mortal
from tests.pipeline.own_kpi import add_own_kpi

COMMAND = Path(sys.executable).with_name("ops-summary")
AS_OF = "2026-10-31"
SECONDS = 300
Done = subprocess.CompletedProcess[str]


def installed(*arguments: str) -> Done:
    """Run `ops-summary <arguments>` as it is installed."""
    return subprocess.run(
        [str(COMMAND), *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=SECONDS
    )


def forked(*arguments: str, **environment: str) -> Done:
    """Run `ops-summary <arguments>` in a process that need not import anything any more."""
    ended = mortal.ops(arguments, environment=environment, die_after=SECONDS)
    assert ended.code is not None
    return subprocess.CompletedProcess(arguments, ended.code, ended.stdout, ended.stderr)


@dataclass(frozen=True)
class Company:
    """A sample's folder and the data directory of its runs."""

    folder: Path
    data: Path

    @property
    def sources(self) -> Path:
        return self.folder / "sources.yml"

    @property
    def published(self) -> Path:
        return self.data / "published" / "ops.duckdb"

    def run(self, *arguments: str, ops: Callable[..., Done] = forked) -> Done:
        where = ["--sources", str(self.sources), "--data-dir", str(self.data)]
        return ops("run", "--as-of", AS_OF, *where, *arguments)

    def check(self) -> Done:
        return forked("check", "--sources", str(self.sources))

    def copied_to(self, folder: Path) -> "Company":
        """A copy to spoil: exports and everything earlier runs left."""
        shutil.copytree(self.folder, folder / "company")
        shutil.copytree(self.data, folder / "data")
        return Company(folder / "company", folder / "data")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below the folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> tuple[Company, Done]:
    """The company, with a KPI of its own, after one run; tests that change anything take a copy.

    All workers of a session share it: whoever comes first makes it, the others wait.
    """
    own = tmp_path_factory.getbasetemp()
    home = (own if worker_id == "master" else own.parent) / "company"
    company, ended = Company(home / "company", home / "data"), home / "done.json"
    with home.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ended.exists():
            done = _made(company)
            ended.write_text(json.dumps([done.returncode, done.stdout, done.stderr]))
    return company, subprocess.CompletedProcess([], *json.loads(ended.read_text()))


def _made(company: Company) -> Done:
    connection = memory_database()
    make_sample(company.folder, connection=connection, days=120, scale=0.2, seed=1)
    connection.close()
    add_own_kpi(company.sources, company.folder.with_name("kpis"))
    return company.run(ops=installed)


@pytest.fixture(scope="session")
def company(first_run: tuple[Company, Done]) -> Company:
    done = first_run[1]
    assert done.returncode == 0, done.stdout + done.stderr
    return first_run[0]
