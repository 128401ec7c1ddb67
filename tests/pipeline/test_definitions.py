"""The definitions the UI loads: keys of the design, everything described, owned and checked."""

from pathlib import Path

import dagster as dg
import pytest

from pipeline.contracts import Contracts
from pipeline.definitions import build_definitions
from pipeline.settings import load_settings
from tests.pipeline.conftest import Company


@pytest.fixture(scope="module")
def graph(company: Company) -> dg.Definitions:
    return build_definitions(load_settings(sources=company.sources, data_dir=company.data))


def specs(definitions: dg.Definitions) -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}


@pytest.mark.parametrize(
    "key",
    [
        "landing/finance/orders",
        "clean/finance/orders",
        "staging/stg_finance__orders",
        "marts/fct_orders",
        "kpis/kpi_net_revenue",
        "kpis/kpi_scorecard",
        "report/facts",
        "summary/weekly",
        "summary/monthly",
        "summary/quarterly",
        "summary/yearly",
        "publish/ops",
    ],
)
def test_assets_stand_under_the_keys_of_the_design(graph: dg.Definitions, key: str) -> None:
    assert key in specs(graph)


def test_lineage_runs_from_the_file_to_the_summary(graph: dg.Definitions) -> None:
    found = specs(graph)
    reached, todo = set(), ["summary/monthly"]
    while todo:
        key = todo.pop()
        if key not in reached and key in found:
            reached.add(key)
            todo += [dep.asset_key.to_user_string() for dep in found[key].deps]
    assert {"landing/finance/orders", "clean/finance/orders", "marts/fct_orders", "kpis/kpi_values"} <= reached


def test_every_table_says_what_one_row_is_who_owns_it_and_what_it_is_made_with(graph: dg.Definitions) -> None:
    made = {key: spec for key, spec in specs(graph).items() if not key.startswith("ops/")}
    assert [key for key, spec in made.items() if not spec.description or not spec.kinds or not spec.group_name] == []
    assert [key for key, spec in made.items() if not str(spec.description).startswith("One ")] == []


def test_every_entity_has_its_suite_and_its_deliveries_as_checks(graph: dg.Definitions, contracts: Contracts) -> None:
    checks = {(key.asset_key.to_user_string(), key.name) for key in graph.resolve_asset_graph().asset_check_keys}
    wanted = {(f"clean/{entity.replace('.', '/')}", name) for entity in contracts for name in ("suite", "deliveries")}
    assert wanted <= checks
    assert any(key.startswith("kpis/") for key, _ in checks)


def test_wrong_configuration_loads_as_one_asset_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "sources.yml").write_text("company: {}\n")
    definitions = build_definitions(load_settings(sources=tmp_path / "sources.yml", data_dir=tmp_path / "data"))
    (spec,) = specs(definitions).values()
    assert "this key is missing" in str(spec.description)
