from pathlib import Path

import pytest

from pipeline.errors import ConfigurationError
from pipeline.model.kpi_files import KPI_FOLDER, kpi_ids, user_files


def _touch(folder: Path, names: str) -> Path:
    for name in names.split():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize(
    ("shipped", "own", "ids"),
    [
        ("kpi_b.sql kpi_b.yml kpi_a.sql kpi_a.yml", "", ["a", "b"]),
        ("finance/kpi_a.sql finance/kpi_a.yml", "", ["a"]),
        ("kpi_a.sql kpi_a.yml kpi_values.sql kpi_values.yml kpi_scorecard.sql kpi_scorecard.yml", "", ["a"]),
        ("kpi_a.sql kpi_a.yml retention.sql retention.yml", "", ["a"]),
        ("kpi_b.sql kpi_b.yml", "kpi_a2.sql kpi_a2.yml README.md", ["a2", "b"]),
        ("", "", []),
    ],
)
def test_ids_are_read_from_file_names(tmp_path: Path, shipped: str, own: str, ids: list[str]) -> None:
    _touch(tmp_path / "project" / KPI_FOLDER, shipped)
    assert kpi_ids(tmp_path / "project", _touch(tmp_path / "own", own)) == ids


@pytest.mark.parametrize(
    ("shipped", "own", "mistakes"),
    [
        ("kpi_a.sql", "", ["kpi_a.sql: half of a KPI is missing; expected kpi_a.yml beside it"]),
        ("", "kpi_a.yml", ["kpi_a.yml: half of a KPI is missing; expected kpi_a.sql beside it"]),
        (
            "kpi_a.sql kpi_a.yml",
            "kpi_a.sql kpi_a.yml",
            ["kpi_a.sql: this KPI exists already", "give it another id than a"],
        ),
        ("", "kpi_values.sql kpi_values.yml", ["this is no KPI's file; found kpi_values.sql"]),
        ("", "kpi_Big.sql kpi_Big.yml", ["this is no KPI's file; found kpi_Big.sql"]),
        ("", "helper.sql", ["this is no KPI's file; found helper.sql"]),
        ("kpi_a.sql", "kpi_b.sql", ["kpi_a.sql: half", "kpi_b.sql: half"]),
    ],
)
def test_mistakes_name_their_file(tmp_path: Path, shipped: str, own: str, mistakes: list[str]) -> None:
    _touch(tmp_path / "project" / KPI_FOLDER, shipped)
    with pytest.raises(ConfigurationError) as error:
        kpi_ids(tmp_path / "project", _touch(tmp_path / "own", own))
    for mistake in mistakes:
        assert mistake in str(error.value)


def test_no_folder_of_the_user_is_no_mistake(tmp_path: Path) -> None:
    _touch(tmp_path / KPI_FOLDER, "kpi_a.sql kpi_a.yml")
    assert kpi_ids(tmp_path, None) == ["a"]
    assert user_files(None) == []
