"""The project as dbt reads it: a copy in the data directory, with the user's KPIs, named by what it was made from.

Here belong files and their fingerprint; running dbt on them is dbt.py's work. A copy, because dbt writes its compiled
models to target/<path of the model>: for a model outside the project that path can be the user's own file.
"""

import hashlib
import json
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from pipeline.errors import UserError
from pipeline.model.kpi_files import KPI_FOLDER, kpi_ids, user_files

MODELS = Path("models")
# Configured in dbt_project.yml: a user's KPI needs no contract
USER_FOLDER = KPI_FOLDER / "user"
_MADE_BY_DBT = ("target", "logs", "dbt_packages", ".user.yml", "__pycache__")
_READERS = ("dbt-core", "dbt-duckdb", "duckdb")
_KEPT = 3


@dataclass(frozen=True)
class Project:
    """What dbt is run on: the project's folder, where dbt may write, the warehouse's file, the user's KPIs."""

    folder: Path
    target: Path
    database: Path
    user_kpis: Path | None = None


@dataclass(frozen=True)
class Parsed:
    """A project that dbt has parsed; nothing in its folder changes any more."""

    project: Project
    folder: Path
    kpi_ids: tuple[str, ...]

    @property
    def sources(self) -> Path:
        return self.folder / "project"

    @property
    def manifest_json(self) -> Path:
        return self.folder / "manifest.json"

    @property
    def manifest_msgpack(self) -> Path:
        return self.folder / "partial_parse.msgpack"

    def shown(self, path: str) -> str:
        """A path of the copy, as dbt says it (of YAML without its model path), as the user knows it."""
        own, project = Path(path), self.project
        if project.user_kpis and own.parent in (USER_FOLDER, USER_FOLDER.relative_to(MODELS)):
            return str(project.user_kpis / own.name)
        is_in_models = not (project.folder / own).exists() and (project.folder / MODELS / own).exists()
        return str(project.folder.name / (MODELS / own if is_in_models else own))


def find(project: Project) -> Parsed | None:
    """The parsed project when it is there and nothing it was made from has changed; parses nothing."""
    parsed = expected(project)
    return parsed if parsed.manifest_json.is_file() else None


def expected(project: Project) -> Parsed:
    """Where the parsed project is or will be. Raises ConfigurationError on wrong KPI files."""
    ids = kpi_ids(project.folder, project.user_kpis)
    return Parsed(project, project.target / "parsed" / _fingerprint(project, ids), tuple(ids))


def assemble(parsed: Parsed, folder: Path) -> None:
    """Copy the project and the user's KPIs to the folder."""
    try:
        shutil.copytree(parsed.project.folder, folder, ignore=shutil.ignore_patterns(*_MADE_BY_DBT))
        for path in user_files(parsed.project.user_kpis):
            (folder / USER_FOLDER).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, folder / USER_FOLDER)
    except (OSError, shutil.Error) as error:
        raise UserError("the dbt project cannot be copied", where=str(folder), found=str(error)) from None


def keep_newest(parsed: Parsed) -> None:
    """Remove parsed projects that no run can be using any more."""
    others = [path for path in parsed.folder.parent.iterdir() if path != parsed.folder]
    for path in sorted(others, key=lambda one: one.stat().st_mtime, reverse=True)[_KEPT - 1 :]:
        shutil.rmtree(path, ignore_errors=True)


def _fingerprint(project: Project, ids: list[str]) -> str:
    """Hash of all that a manifest depends on: files, programs, variables, and the database's name baked into it."""
    digest = hashlib.sha256()
    readers = [f"{name} {version(name)}" for name in _READERS]
    digest.update(json.dumps([readers, ids, project.database.name]).encode())
    for path in _files(project.folder) + user_files(project.user_kpis):
        digest.update(f"\0{path}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _files(folder: Path) -> list[Path]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in files if not set(_MADE_BY_DBT) & set(path.relative_to(folder).parts))
