"""Generated files: the schemas accept what the models accept, and refuse what they refuse."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from pipeline.connector import Connector
from pipeline.contracts import Contracts
from pipeline.generate import contract_schema, dbt_sources, entity_page, kpi_page, model_schema, with_kpi_ids
from pipeline.settings import EXPECTATIONS, REPOSITORY
from pipeline.sources import SourcesFile
from pipeline.warehouse import SCHEMA_SQL

CONTRACT = Draft202012Validator(contract_schema())
SOURCES = Draft202012Validator(model_schema(SourcesFile, "sources.yml"))
CONNECTOR = Draft202012Validator(model_schema(Connector, "connector"))
EXAMPLES = REPOSITORY / "examples"


def as_json(text: str) -> Any:
    """YAML as an editor's schema check sees it: dates are text, and a key called null is a name."""
    return json.loads(json.dumps(yaml.load(text, Loader=yaml.BaseLoader)))


def mistakes(schema: Draft202012Validator, data: Any) -> list[str]:
    return [error.message for error in schema.iter_errors(data)]


@pytest.mark.parametrize("path", sorted(EXPECTATIONS.glob("*/*.yml")), ids=lambda path: path.stem)
def test_every_contract_fits_its_schema(path: Path) -> None:
    assert mistakes(CONTRACT, json.loads(json.dumps(yaml.safe_load(path.read_text())))) == []


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/connectors/*.yml")), ids=lambda path: path.stem)
def test_every_example_connector_fits_its_schema(path: Path) -> None:
    assert mistakes(CONNECTOR, as_json(path.read_text())) == []


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/sources.yml")), ids=lambda path: path.parent.name)
def test_every_example_names_its_schema_and_fits_it(path: Path) -> None:
    text = path.read_text()
    named = text.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve() == REPOSITORY / "schemas" / "sources.schema.json"
    assert mistakes(SOURCES, as_json(text)) == []


RULE = {"severity": "critical", "on_failure": "quarantine", "reason": "it must not be"}
EXPECTATION = {"expect_column_values_to_be_between": {"column": "id", "min_value": 0}}


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (EXPECTATION | RULE, True),
        (RULE, False),
        (EXPECTATION | RULE | {"mostly": 1}, False),
        (EXPECTATION | RULE | {"expect_table_row_count_to_equal": {"value": 1}}, False),
        (EXPECTATION | RULE | {"severity": "fatal"}, False),
        (EXPECTATION | {"severity": "critical", "on_failure": "warn"}, False),
        ({"expectation": "expect_x", "arguments": {}} | RULE, False),
    ],
)
def test_a_rule_is_described_as_people_write_it(rule: dict[str, Any], fits: bool) -> None:
    contract = {
        "entity": "zoo.animals",
        "row": "One row per animal.",
        "key": ["id"],
        "columns": {"id": {"type": "text", "description": "Its id."}},
        "expectations": [rule],
    }
    assert (mistakes(CONTRACT, contract) == []) is fits


def test_a_name_that_fits_no_pattern_is_refused() -> None:
    assert mistakes(CONNECTOR, {"exports": {"My Export": {"files": "*", "entities": {"a.b": {"columns": {"a": "a"}}}}}})


def test_dbt_reads_every_entity_with_every_column_and_its_asset_key(contracts: Contracts) -> None:
    clean, ops = yaml.safe_load(dbt_sources(list(contracts.values()), SCHEMA_SQL.read_text()))["sources"]
    tables = {table["name"]: table for table in clean["tables"]}
    for contract in contracts.values():
        table = tables.pop(contract.table)
        assert table["description"] == contract.row
        assert table["config"]["meta"]["dagster"]["asset_key"] == ["clean", contract.domain, contract.name]
        assert [column["name"] for column in table["columns"]] == list(contract.columns)
    assert tables == {}
    assert {table["name"] for table in ops["tables"]} >= {"company", "source_status", "loads"}
    assert all(table["description"].startswith("One row") for table in ops["tables"])


def test_the_list_of_kpis_is_replaced_and_nothing_else() -> None:
    before = "name: x\nvars:\n  # generated\n  kpi_ids:\n    - old\n    - older\n\nmodels: {}\n"
    after = with_kpi_ids(before, ["births", "visits"])
    assert after == "name: x\nvars:\n  # generated\n  kpi_ids:\n    - births\n    - visits\n\nmodels: {}\n"
    assert with_kpi_ids(after, ["births", "visits"]) == after
    with pytest.raises(SystemExit, match="the variable kpi_ids is missing"):
        with_kpi_ids("name: x\n", [])


def test_pages_escape_what_would_break_a_table(contracts: Contracts) -> None:
    kpi = dict.fromkeys(
        ("kpi_id", "name_en", "name_zh", "formula_en", "kind", "unit", "direction", "owner"), "a | b"
    ) | {"grains": ["day", "all"], "dimensions": []}
    row = kpi_page([kpi]).splitlines()[-1]
    assert row.replace("\\|", "").count("|") == 10
    page = entity_page(list(contracts.values()))
    assert all(f"## {entity}\n" in page for entity in contracts)
