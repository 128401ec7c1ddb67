"""Outer bounds of size: what is larger is two things."""

from pathlib import Path

import pytest

from pipeline.settings import DBT_PROJECT, EXPECTATIONS, REPOSITORY
from tests.architecture.source_tree import Module, modules

MODULE, TEST_MODULE, FUNCTION, SQL_MODEL, MACROS, CONTRACT, MODEL_YML = 300, 400, 50, 120, 200, 150, 200
PYTHON = modules("pipeline", "tests", "benchmarks")


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def too_long(paths: list[Path], bound: int) -> list[str]:
    return [f"{path.relative_to(REPOSITORY)}: {lines(path)} lines" for path in paths if lines(path) > bound]


@pytest.mark.parametrize("module", PYTHON, ids=lambda module: module.name)
def test_functions_do_one_thing(module: Module) -> None:
    assert [f"{name}: {length} lines" for name, length in module.functions() if length > FUNCTION] == []


@pytest.mark.parametrize(
    ("bound", "paths"),
    [
        pytest.param(MODULE, [module.path for module in modules("pipeline", "benchmarks")], id="modules"),
        pytest.param(TEST_MODULE, [module.path for module in modules("tests")], id="tests"),
        pytest.param(SQL_MODEL, sorted(DBT_PROJECT.glob("models/**/*.sql")), id="models"),
        pytest.param(MACROS, sorted(DBT_PROJECT.glob("macros/**/*.sql")), id="macros"),
        pytest.param(MODEL_YML, sorted(DBT_PROJECT.glob("models/**/[!_]*.yml")), id="yml"),
        pytest.param(CONTRACT, sorted(EXPECTATIONS.glob("*/*.yml")), id="contracts"),
    ],
)
def test_files_fit_their_bound(bound: int, paths: list[Path]) -> None:
    assert paths, "there is nothing to measure"
    assert too_long(paths, bound) == []
