"""Generated files: the schemas accept what the models accept, and refuse what they refuse."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from pipeline.connector import Connector
from pipeline.contracts import Contracts
from pipeline.generate.dbt_files import dbt_sources, exposures, with_kpi_ids
from pipeline.generate.definitions import Lock, Model
from pipeline.generate.entity_page import entity_page
from pipeline.generate.kpi_pages import feeds, index_page, kpi_page
from pipeline.generate.kpis import Kpi, read_kpis
from pipeline.generate.schemas import contract_schema, model_schema
from pipeline.settings import DBT_PROJECT, EXPECTATIONS, REPOSITORY
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


def test_exposures_name_what_the_report_reads_and_all_that_is_published(tmp_path: Path) -> None:
    models, report = tmp_path / "models", tmp_path / "report"
    for file, text in {
        "models/marts/core/dim_cages.sql": "",
        "models/marts/kpis/kpi_births.sql": "",
        "models/staging/stg_zoo.sql": "",
        "report/sql/cages.sql": "select * from marts.dim_cages join ops.unheard_of using (id)",
        "report/text.py": "'select * from ops.loads'",
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    ddl = "comment on table ops.loads is 'One row per load.';\ncomment on table ops.undated is 'One row.';"
    summary, published = yaml.safe_load(exposures(models, report, ddl))["exposures"]
    assert summary["depends_on"] == ["ref('dim_cages')", "source('ops', 'loads')"]
    assert published["depends_on"] == [
        "ref('dim_cages')", "ref('kpi_births')", "source('ops', 'loads')", "source('ops', 'undated')",
    ]  # fmt: skip


def births(folder: Path, **meta: Any) -> Kpi:
    """A KPI of a zoo, with what else its meta says."""
    said = {
        "kpi_id": "births", "name_en": "Births", "name_zh": "出生数", "formula_en": "a | b", "formula_zh": "甲",
        "unit": "count", "kind": "additive", "direction": "up", "domain": "zoo", "role": "output", "owner": "Keepers",
        "grains": ["day", "all"], "dimensions": [], "entities": ["zoo.animals"], "reach": "period", "definition_version": 3,
    }  # fmt: skip
    (folder / "kpi_births.sql").write_text("select 1 {{ kpi_cells(by_entity=true) }}")
    return Kpi(folder / "kpi_births.yml", said | meta, "One row per period.")


LINEAGE = Lock(
    {},
    {
        "kpi_births": Model("1", ("fct_animals",)),
        "fct_animals": Model("2", ("stg_zoo__animals", "stg_zoo__cages")),
        "stg_zoo__animals": Model("3", ()),
        "stg_zoo__cages": Model("4", ()),
    },
)
FEEDS = {"zoo.animals": [("ark", "pairs"), ("ark", "strays"), ("circus", "tigers")]}


def test_the_page_of_a_kpi_says_where_it_comes_from(tmp_path: Path) -> None:
    lines = kpi_page(births(tmp_path), LINEAGE, FEEDS).splitlines()
    assert lines[0] == "# Births · 出生数"
    ark, circus = "[ark](../connectors/ark.md) (pairs, strays)", "[circus](../connectors/circus.md) (tigers)"
    assert f"| [`zoo.animals`](../entities.md#zooanimals) | yes | {ark}, {circus} |" in lines
    assert (
        "| [`zoo.cages`](../entities.md#zoocages) |  | [a connector of your own](../connectors/write_your_own.md) |"
        in lines
    )
    place = "../../dbt_project/models/marts/kpis/kpi_births.sql"
    assert f"SQL: [kpi_births.sql]({place}), by way of `fct_animals`." in lines


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ({}, "Its days add up to longer periods."),
        ({}, "Rows without the date it goes by count in grain `all` alone, and stand in `ops.undated`."),
        ({}, "In grain `all` each of them counts on all days it covers itself."),
        ({}, "| formula | a \\| b |"),
        ({}, "kpi_id = 'births' and grain = 'day' and dimension = 'all'"),
        ({"grains": ["month"]}, "count nowhere, for it has no grain `all`"),
        ({"kind": "ratio", "is_summable": False}, "Its days do not add up to longer periods"),
        ({"kind": "stock", "dimensions": ["cage"]}, "no row of the total is left out"),
        ({"dimensions": ["cage"]}, "so that members add up to the total"),
        ({"dimensions": ["cage"]}, "and dimension = 'cage'"),
        ({"entities": ["zoo.animals|zoo.eggs"]}, "covered by `zoo.animals` or `zoo.eggs`"),
        (
            {"reach": "window: 365"},
            "| reach | window: 365: a row that comes late changes the periods that end within 365 days",
        ),
        ({"unit": "fraction"}, "previous_value, change, is_complete"),
        ({"identities": ["numerator = x.numerator"]}, "| always true | `numerator = x.numerator` |"),
    ],
)
def test_the_page_of_a_kpi_says_how_to_read_its_cells(tmp_path: Path, meta: dict[str, Any], said: str) -> None:
    assert said in kpi_page(births(tmp_path, **meta), LINEAGE, FEEDS)


def test_every_kpi_of_the_project_has_a_line_below_its_domain(tmp_path: Path) -> None:
    kpis = read_kpis(DBT_PROJECT)
    page = index_page(kpis)
    assert [line for line in page.splitlines() if line.startswith("| [")] == [
        line for kpi in sorted(kpis, key=lambda kpi: (kpi.meta["domain"], kpi.kpi_id))
        for line in page.splitlines() if f"(kpis/{kpi.kpi_id}.md)" in line
    ]  # fmt: skip
    assert index_page([births(tmp_path)]).splitlines()[4:9] == [
        "## zoo",
        "",
        "| KPI | id | formula | unit | kind | good is | grains | dimensions |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| [Births](kpis/births.md) · 出生数 | `births` | a \\| b | count | additive | up | day, all |  |",
    ]


def test_every_shipped_connector_feeds_something(contracts: Contracts) -> None:
    folder = REPOSITORY / "pipeline" / "connectors"
    by_entity = feeds(folder)
    assert set(by_entity) <= set(contracts)
    assert {name for fed in by_entity.values() for name, _ in fed} == {path.stem for path in folder.glob("*.yml")}


def test_the_page_of_entities_holds_every_entity(contracts: Contracts) -> None:
    page = entity_page(list(contracts.values()))
    assert all(f"## {entity}\n" in page for entity in contracts)
