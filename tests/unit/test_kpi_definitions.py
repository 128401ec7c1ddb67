"""The lock of KPI definitions: what counts as a change, and what is refused."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.generate import __main__ as command
from pipeline.generate.definitions import Lock, changed, make_lock, mistakes, normal, read_lock
from pipeline.model.dbt import CompiledModel

MODELS = {
    "kpi_births": CompiledModel("select 1 from fct_animals", ("fct_animals",)),
    "kpi_deaths": CompiledModel("select 2 from fct_animals", ("fct_animals",)),
    "kpi_visits": CompiledModel("select 3 from fct_visits join kpi_catalog", ("fct_visits", "kpi_catalog")),
    "kpi_catalog": CompiledModel("select 'births'", ()),
    "fct_animals": CompiledModel("select * from stg_animals", ("stg_animals",)),
    "fct_visits": CompiledModel("select * from stg_visits", ("stg_visits",)),
    "stg_animals": CompiledModel("select * from clean.animals", ()),
    "stg_visits": CompiledModel("select * from clean.visits", ()),
}
VERSIONS = {"births": 1, "deaths": 1, "visits": 2}


def locked(sql: Mapping[str, str] | None = None, **versions: int) -> Lock:
    """The lock of the models above, some with other SQL, some KPIs with other versions."""
    new = {name: CompiledModel(text, MODELS[name].reads) for name, text in (sql or {}).items()}
    return make_lock(MODELS | new, VERSIONS | versions)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("select A, 'x  Y' -- why\nfrom t", "SELECT a,'x  Y'\n/* long\nwhy */ from T", True),
        ("select '--x'", "select '--y'", False),
        ("select 'a''--b' -- c", "select 'a''--b'", True),
        ("select 'a'", "select 'A'", False),
        ('select "A"', 'select "a"', False),
        ("select a - -b", "select a + b", False),
        ("select ab", "select a b", False),
        ("select 1.5", "select 15", False),
    ],
)
def test_layout_case_and_comments_are_no_change(one: str, other: str, is_same: bool) -> None:
    assert (normal(one) == normal(other)) is is_same


def test_a_kpi_descends_from_everything_below_it_but_not_from_the_catalogue() -> None:
    assert locked().lineage("visits") == ["fct_visits", "kpi_visits", "stg_visits"]
    assert set(locked().models) == set(MODELS) - {"kpi_catalog"}


CHANGES = [
    pytest.param({}, {}, [], id="nothing"),
    pytest.param({"kpi_births": "select 1 FROM fct_animals -- new"}, {}, [], id="a-comment"),
    pytest.param({"kpi_catalog": "select 'births', 'calves'"}, {}, [], id="another-KPI"),
    pytest.param({"kpi_births": "select 9"}, {}, ["births"], id="its-own-SQL"),
    pytest.param({"stg_animals": "select 9"}, {}, ["births", "deaths"], id="far-below"),
    pytest.param({"stg_animals": "select 9"}, {"births": 2}, ["deaths"], id="one-of-two-said"),
    pytest.param({"stg_animals": "select 9"}, {"births": 2, "deaths": 7}, [], id="both-said"),
    pytest.param({}, {"births": 2}, [], id="said-without-SQL"),
    pytest.param({"kpi_visits": "select 9"}, {"visits": 1}, ["visits"], id="a-lower-version"),
    pytest.param({}, {"visits": 1}, ["visits"], id="a-lower-version-alone"),
]


@pytest.mark.parametrize(("sql", "versions", "refused"), CHANGES)
def test_a_change_must_be_said(sql: dict[str, str], versions: dict[str, int], refused: list[str]) -> None:
    found = list(mistakes(locked(), locked(sql, **versions)))
    assert [mistake.where for mistake in found] == [f"kpi_{kpi_id}.yml" for kpi_id in refused]


def test_the_refusal_names_kpi_versions_and_models() -> None:
    (told,) = mistakes(locked(), locked({"fct_visits": "select 9"}))
    assert str(told) == (
        "kpi_visits.yml: the SQL of visits changed and its definition_version did not; "
        "found definition_version 2 as in kpi_definitions.lock.yml, and other SQL in fct_visits; "
        "expected definition_version 3 if a cell can now be another number; "
        "to do: raise it and run python -m pipeline.generate; "
        "if every cell stays what it was: python -m pipeline.generate --same-definitions visits"
    )


@pytest.mark.parametrize(
    ("same", "refused"),
    [
        (["births"], ["kpi_deaths.yml"]),
        (["births", "deaths"], []),
        (["all"], []),
        (["all", "calves"], ["--same-definitions calves"]),
    ],
)
def test_what_is_said_to_mean_the_same_is_let_through(same: list[str], refused: list[str]) -> None:
    assert [one.where for one in mistakes(locked(), locked({"stg_animals": "select 9"}), same)] == refused


def test_a_lower_version_is_refused_whatever_is_said() -> None:
    assert len(list(mistakes(locked(), locked(visits=1), ["all"]))) == 1


def test_a_model_that_came_or_went_is_named() -> None:
    between = {
        "kpi_births": CompiledModel("select 1 from int_animals", ("int_animals",)),
        "int_animals": CompiledModel("select * from fct_animals", ("fct_animals",)),
    }
    new = make_lock(MODELS | between, VERSIONS)
    assert changed(locked(), new, "births") == ["int_animals", "kpi_births"]
    assert changed(new, locked(), "births") == ["int_animals", "kpi_births"]


def test_the_file_says_what_was_locked(tmp_path: Path) -> None:
    path = tmp_path / "lock.yml"
    assert read_lock(path) == Lock({}, {})
    path.write_text(locked().text())
    assert read_lock(path) == locked()


@pytest.fixture
def lock_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock that stands alone: nothing else is generated, and a model has changed since."""
    path = tmp_path / "lock.yml"
    path.write_text(locked().text())
    monkeypatch.setattr(command, "LOCK_FILE", path)
    monkeypatch.setattr(command, "REPOSITORY", tmp_path)
    monkeypatch.setattr(command, "locked_now", lambda target: locked({"fct_visits": "select 9"}))
    monkeypatch.setattr(command, "surplus", lambda texts: [])
    for name in ("project_files", "forms", "kpi_pages"):
        monkeypatch.setattr(command, name, lambda *lock: {})
    return path


def test_the_command_keeps_the_lock_of_a_change_nobody_said(
    lock_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main([]) == 1
    assert "the SQL of visits changed" in capsys.readouterr().err
    assert lock_file.read_text() == locked().text()


def test_the_command_locks_what_is_said_to_mean_the_same(lock_file: Path) -> None:
    assert command.main(["--same-definitions", "visits"]) == 0
    assert lock_file.read_text() == locked({"fct_visits": "select 9"}).text()
    assert command.main([]) == 0


def test_the_check_compares_versions_without_compiling(
    lock_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "locked_now", None)
    monkeypatch.setattr(command, "versions", lambda: VERSIONS)
    assert command.main(["--check"]) == 0
    monkeypatch.setattr(command, "versions", lambda: VERSIONS | {"births": 2})
    assert command.main(["--check"]) == 1
    assert capsys.readouterr().err == "lock.yml: is stale; to do: python -m pipeline.generate\n"
