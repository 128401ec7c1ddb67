"""Every model says what one row is, is typed and tested; every KPI has its whole meta."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.contracts import Contracts
from pipeline.settings import DBT_PROJECT

MODELS = DBT_PROJECT / "models"
YMLS = [path for path in sorted(MODELS.rglob("*.yml")) if not path.name.startswith("_")]
GRAINS = ["day", "week", "month", "quarter", "year", "all"]
# None: any text
META: dict[str, set[str] | None] = {
    "kpi_id": None,
    "name_en": None,
    "name_zh": None,
    "formula_en": None,
    "formula_zh": None,
    "unit": {"count", "money", "fraction", "days", "hours", "seconds", "score", "times"},
    "kind": {"additive", "stock", "distinct", "ratio", "average", "median"},
    "direction": {"up", "down", "none"},
    "domain": None,
    "role": {"input", "output"},
    "owner": None,
    "reach": None,
}
KPI_COLUMNS = [
    ("kpi_id", "string"),
    ("grain", "string"),
    ("period", "string"),
    ("period_start", "date"),
    ("period_end", "date"),
    ("dimension", "string"),
    ("member", "string"),
    ("numerator", "decimal(18, 4)"),
    ("denominator", "decimal(18, 4)"),
    ("value", "double"),
]


@cache
def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def model_of(path: Path) -> dict[str, Any]:
    (model,) = read(path)["models"]
    found: dict[str, Any] = model
    return found


def meta_of(path: Path) -> dict[str, Any]:
    meta: dict[str, Any] = model_of(path).get("config", {}).get("meta", {})
    return meta


KPIS = [path for path in YMLS if "kpi_id" in meta_of(path)]
MARTS = [path for path in YMLS if path.parent.name in {"core", "kpis"}]
every_model = pytest.mark.parametrize("path", YMLS, ids=lambda path: path.stem)
every_mart = pytest.mark.parametrize("path", MARTS, ids=lambda path: path.stem)
every_kpi = pytest.mark.parametrize("path", KPIS, ids=lambda path: path.stem)


def test_there_are_kpis_and_marts() -> None:
    assert len(KPIS) > 60
    assert len(MARTS) > len(KPIS)


@every_model
def test_a_model_says_what_one_row_is(path: Path) -> None:
    assert model_of(path)["name"] == path.stem
    assert model_of(path)["description"].startswith("One row per ")


@every_model
def test_every_column_is_described(path: Path) -> None:
    columns = model_of(path)["columns"]
    assert [column["name"] for column in columns if not column.get("description")] == []


@every_mart
def test_every_column_of_a_mart_has_a_type(path: Path) -> None:
    assert [column["name"] for column in model_of(path)["columns"] if not column.get("data_type")] == []


@pytest.mark.parametrize("path", [path for path in MARTS if path not in KPIS], ids=lambda path: path.stem)
def test_the_key_of_a_mart_is_tested(path: Path) -> None:
    """The cells of all KPIs are in kpi_values, whose key is theirs."""
    tests = [next(iter(one)) if isinstance(one, dict) else one for one in model_of(path).get("data_tests", [])]
    assert {"key", "kpi_key"} & set(tests)


@pytest.mark.parametrize("folder", ["core", "kpis"])
def test_contracts_of_marts_are_enforced(folder: str) -> None:
    project = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert project["models"]["ops_summary"]["marts"][folder]["+contract"] == {"enforced": True}
    exceptions = [path.name for path in MARTS if "contract" in model_of(path).get("config", {})]
    assert exceptions == []


@every_kpi
def test_a_kpi_is_described_in_full(path: Path) -> None:
    meta = meta_of(path)
    assert path.stem == f"kpi_{meta['kpi_id']}"
    assert [key for key in META if not str(meta.get(key, "")).strip()] == []
    assert {key: meta[key] for key, known in META.items() if known and meta[key] not in known} == {}
    assert isinstance(meta["definition_version"], int)


@every_kpi
def test_a_kpi_has_grains_and_dimensions_that_exist(path: Path) -> None:
    meta = meta_of(path)
    assert meta["grains"] == [grain for grain in GRAINS if grain in meta["grains"]]
    assert all(1 <= len(dimension.split("+")) <= 2 for dimension in meta["dimensions"])
    singles = {dimension for dimension in meta["dimensions"] if "+" not in dimension}
    assert {part for dimension in meta["dimensions"] for part in dimension.split("+")} == singles


@every_kpi
def test_a_kpi_has_the_columns_bi_relies_on(path: Path) -> None:
    assert [(column["name"], column["data_type"]) for column in model_of(path)["columns"]] == KPI_COLUMNS


@every_kpi
def test_a_kpi_has_a_unit_test(path: Path) -> None:
    tests = read(path).get("unit_tests", [])
    assert [one["name"] for one in tests if one["model"] == path.stem]


@every_kpi
def test_the_unit_test_of_a_ratio_has_an_empty_denominator(path: Path) -> None:
    if meta_of(path)["kind"] in {"ratio", "average"}:
        cells = [line.split(",") for test in read(path)["unit_tests"] for line in expected_lines(test)]
        assert any(cell[-2:] in (["0", ""], ["", ""]) for cell in cells)


def expected_lines(test: dict[str, Any]) -> list[str]:
    rows = test["expect"]["rows"]
    if isinstance(rows, str):
        return [line.strip() for line in rows.splitlines()]
    return [f"{row.get('denominator', '')},{row.get('value') or ''}" for row in rows]


def test_dbt_reads_every_entity_and_nothing_else(contracts: Contracts) -> None:
    sources = {one["name"]: one for one in read(MODELS / "staging" / "_sources.yml")["sources"]}
    assert set(sources) == {"clean", "ops"}
    assert {one["name"] for one in sources["clean"]["tables"]} == {one.table for one in contracts.values()}


def test_names_of_dbt_tests_do_not_collide() -> None:
    names = [test["name"] for path in YMLS for test in read(path).get("unit_tests", [])]
    assert len(names) == len(set(names))
