from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.model import parsed as files
from pipeline.model.parsed import Project, assemble, expected, find, keep_newest


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for name in ("project/dbt_project.yml", "project/models/a.sql", "project/target/old.json", "project/logs/dbt.log"):
        _write(tmp_path / name, "one")
    for name in ("own/kpi_x.sql", "own/kpi_x.yml", "own/README.md"):
        _write(tmp_path / name, "one")
    return Project(tmp_path / "project", tmp_path / "dbt", tmp_path / "warehouse.duckdb", tmp_path / "own")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("changed", "is_other"),
    [
        ("project/models/a.sql", True),
        ("project/models/new.sql", True),
        ("own/kpi_x.yml", True),
        ("own/README.md", False),
        ("project/target/old.json", False),
        ("project/logs/dbt.log", False),
    ],
)
def test_a_changed_file_makes_another_manifest(project: Project, changed: str, is_other: bool) -> None:
    before = expected(project).folder
    _write(project.folder.parent / changed, "two")
    assert (expected(project).folder != before) is is_other


def test_the_name_of_the_database_is_part_of_the_manifest_and_its_folder_is_not(project: Project) -> None:
    before = expected(project).folder
    assert expected(replace(project, database=Path("/elsewhere/warehouse.duckdb"))).folder == before
    assert expected(replace(project, database=project.database.with_name("other.duckdb"))).folder != before


def test_another_version_of_a_program_makes_another_manifest(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    before = expected(project).folder
    monkeypatch.setattr(files, "version", lambda name: "99.0" if name == "dbt-duckdb" else "1.0")
    assert expected(project).folder != before


def test_nothing_is_found_until_it_was_parsed(project: Project) -> None:
    assert find(project) is None
    _write(expected(project).manifest_json, "{}")
    assert find(project) == expected(project)
    _write(project.folder / "models/a.sql", "two")
    assert find(project) is None


def test_the_copy_holds_the_users_kpis_and_nothing_dbt_made(project: Project, tmp_path: Path) -> None:
    assemble(expected(project), tmp_path / "copy")
    copied = {str(path.relative_to(tmp_path / "copy")) for path in (tmp_path / "copy").rglob("*") if path.is_file()}
    assert copied == {
        "dbt_project.yml",
        "models/a.sql",
        "models/marts/kpis/user/kpi_x.sql",
        "models/marts/kpis/user/kpi_x.yml",
    }


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("models/a.sql", "project/models/a.sql"),
        ("a.sql", "project/models/a.sql"),
        ("dbt_project.yml", "project/dbt_project.yml"),
        ("models/marts/kpis/user/kpi_x.sql", "{own}/kpi_x.sql"),
        ("marts/kpis/user/kpi_x.yml", "{own}/kpi_x.yml"),
    ],
)
def test_paths_are_shown_as_the_user_knows_them(project: Project, said: str, shown: str) -> None:
    assert expected(project).shown(said) == shown.format(own=project.user_kpis)


def test_only_the_newest_manifests_are_kept(project: Project) -> None:
    for number in range(5):
        _write(project.folder / "models/a.sql", f"version {number}")
        _write(expected(project).manifest_json, "{}")
        keep_newest(expected(project))
    kept = list(expected(project).folder.parent.iterdir())
    assert len(kept) == 3
    assert find(project) is not None
