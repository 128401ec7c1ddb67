"""A small sample company and one finished run of the real command line on it, shared by the tier's tests."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.sample import make_sample
from pipeline.settings import REPOSITORY
from pipeline.warehouse import memory_database

COMMAND = Path(sys.executable).with_name("ops-summary")
AS_OF = "2026-10-31"


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

    def ops(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `ops-summary <arguments>`."""
        return subprocess.run(
            [str(COMMAND), *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=300
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        where = ["--sources", str(self.sources), "--data-dir", str(self.data)]
        return self.ops("run", "--as-of", AS_OF, *where, *arguments)

    def check(self) -> subprocess.CompletedProcess[str]:
        return self.ops("check", "--sources", str(self.sources))

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
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    connection = memory_database()
    make_sample(folder, connection=connection, days=120, scale=0.2, seed=1)
    connection.close()
    return folder


@pytest.fixture(scope="session")
def first_run(
    sample_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Company, subprocess.CompletedProcess[str]]:
    """The company after one run; tests that change anything take a copy."""
    company = Company(sample_folder, tmp_path_factory.mktemp("run") / "data")
    return company, company.run()


@pytest.fixture(scope="session")
def company(first_run: tuple[Company, subprocess.CompletedProcess[str]]) -> Company:
    done = first_run[1]
    assert done.returncode == 0, done.stdout + done.stderr
    return first_run[0]
