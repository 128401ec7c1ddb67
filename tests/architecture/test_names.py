"""The name is the address: one stem for model, yml, contract, suite and test, from closed lists."""

import re
from pathlib import Path

import pytest

from pipeline.contracts import Contract, Contracts
from pipeline.settings import DBT_PROJECT, REPOSITORY
from tests.architecture.source_tree import Module, modules

MODELS = DBT_PROJECT / "models"
LAYERS = {
    "staging": r"stg_[a-z]+__[a-z_]+",
    "intermediate": r"int_[a-z_]+",
    "marts/core": r"(dim|fct)_[a-z_]+(s|_daily)",
    "marts/kpis": r"kpi_[a-z_]+|retention_cohorts",
}
# Beside the tiers: what several of them share
TIERS = {"unit", "contracts", "pipeline", "architecture", "acceptance", "soak", "system", "connectors", "servers"}
# How a contract's column begins or ends when it has one of these types; other types are named as they like.
ENDINGS = {"timestamp": ("_at",), "date": ("_date", "date_"), "boolean": ("is_", "has_")}
SQL = sorted(MODELS.rglob("*.sql"))
SKIPPING = re.compile(r"pytest\.(skip|mark\.skip|mark\.xfail|importorskip)")
LEFT_BEHIND = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError|/home/[a-z]|/root/|/tmp/[a-z]")


@pytest.mark.parametrize("path", SQL, ids=lambda path: path.stem)
def test_a_model_is_named_by_its_layer_and_has_its_yml_beside_it(path: Path) -> None:
    layer = path.parent.relative_to(MODELS).as_posix()
    assert layer in LAYERS, f"{path.name} stands in no layer"
    assert re.fullmatch(LAYERS[layer], path.stem)
    assert path.with_suffix(".yml").is_file()


def test_a_yml_has_its_model_beside_it() -> None:
    ymls = [path for path in MODELS.rglob("*.yml") if not path.name.startswith("_")]
    assert [path.name for path in ymls if not path.with_suffix(".sql").is_file()] == []


def test_every_contract_has_its_staging_model_and_its_suite_fixture(contracts: Contracts) -> None:
    tables = {contract.table for contract in contracts.values()}
    staged = {path.stem.removeprefix("stg_") for path in (MODELS / "staging").glob("stg_*.sql")}
    fixtures = {path.stem for path in (REPOSITORY / "tests" / "contracts" / "suites").glob("*__*.yml")}
    assert staged == tables
    assert fixtures == tables


def test_entities_are_plural(contracts: Contracts) -> None:
    collective = ("s", "_daily", "calendar")
    assert [contract.entity for contract in contracts.values() if not contract.name.endswith(collective)] == []


def misnamed(contract: Contract) -> list[str]:
    return [
        f"{contract.entity}.{name}: {column.type}"
        for name, column in contract.columns.items()
        for words in [ENDINGS.get(column.type, ())]
        if words and not any(name.endswith(word) if word[0] == "_" else name.startswith(word) for word in words)
    ]


def test_a_columns_name_tells_its_type(contracts: Contracts) -> None:
    assert [line for contract in contracts.values() for line in misnamed(contract)] == []


def test_a_key_of_one_column_is_an_id(contracts: Contracts) -> None:
    single = [contract for contract in contracts.values() if len(contract.key) == 1]
    assert [contract.entity for contract in single if not contract.key[0].endswith("_id")] == []


def test_tests_stand_in_a_tier() -> None:
    folders = {path.name for path in (REPOSITORY / "tests").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders <= TIERS


@pytest.mark.parametrize("module", modules("tests"), ids=lambda module: module.name)
def test_no_test_is_skipped_or_expected_to_fail(module: Module) -> None:
    if module.path != Path(__file__):
        assert SKIPPING.findall(module.text) == []


def test_nothing_is_left_behind() -> None:
    paths = [path for folder in ("pipeline", "dbt_project", "expectations", "tests", "examples", "benchmarks", "docs")
             for path in (REPOSITORY / folder).rglob("*")
             if path.suffix in {".py", ".sql", ".yml", ".md", ".po"} and path != Path(__file__)]  # fmt: skip
    found = {str(path.relative_to(REPOSITORY)): LEFT_BEHIND.findall(path.read_text(encoding="utf-8")) for path in paths}
    assert {name: markers for name, markers in found.items() if markers} == {}


@pytest.mark.parametrize(
    "package", sorted({path.parent for path in (REPOSITORY / "pipeline").rglob("*.py")}), ids=lambda path: path.name
)
def test_a_package_says_what_belongs_in_it_and_what_does_not(package: Path) -> None:
    text = (package / "__init__.py").read_text(encoding="utf-8")
    docstring = re.match(r'"""(.+?)"""', text, re.DOTALL)
    assert docstring is not None
    assert len(docstring[1].strip().splitlines()) >= 3
    assert re.search(r"\b(not?|nothing|nor|never|affair|work)\b", docstring[1], re.IGNORECASE)
