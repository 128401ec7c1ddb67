"""Every rule of every contract has rows that fail it and nothing else, and rows that pass them all.

The rows stand in <domain>__<entity>.yml beside this file: `good` rows, and `bad` ones as changes to the first good row,
each with the rule it must fail (named as ops.check_results names it).
"""

from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.contracts import Contract, Contracts, load_contracts
from pipeline.settings import EXPECTATIONS
from pipeline.validate import RuleResult, validate_batch
from pipeline.warehouse import Warehouse, open_warehouse

CONTRACTS = load_contracts(EXPECTATIONS)
HERE = Path(__file__).parent
Fixture = dict[str, Any]
Row = dict[str, Any]


def fixture_of(contract: Contract) -> Fixture:
    return dict(yaml.safe_load((HERE / f"{contract.table}.yml").read_text(encoding="utf-8")))


def bad_row(fixture: Fixture, bad: Row) -> Row:
    return {**fixture["good"][0], **bad["change"]}


def mistakes(contract: Contract, fixture: Fixture) -> list[str]:
    """What the fixture lacks, or has too much."""
    rules = {one.rule for one in contract.expectations}
    planted = {bad["rule"] for bad in fixture["bad"]}
    columns = {name for row in fixture["good"] for name in row} | {
        name for bad in fixture["bad"] for name in bad["change"]
    }
    return [
        *(f"no row fails {rule}" for rule in sorted(rules - planted)),
        *(f"there is no rule {rule}" for rule in sorted(planted - rules)),
        *(f"there is no column {name}" for name in sorted(columns - set(contract.columns))),
    ]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    opened = open_warehouse(tmp_path_factory.mktemp("suites") / "warehouse.duckdb", CONTRACTS)
    yield opened
    opened.close()


def validated(
    warehouse: Warehouse, contract: Contract, fixture: Fixture, rows: dict[str, Row]
) -> tuple[list[RuleResult], dict[str, set[str]]]:
    """Results of the real suite on the rows, and the rows each failed rule names."""
    columns = ", ".join(f'"{name}"' for name in contract.columns)
    table = f"suites__{contract.table}"
    with warehouse.transaction() as cursor:
        empty = f"select {columns}, _row_id from clean.{contract.table} limit 0"
        cursor.execute(f"create or replace table candidate.{table} as {empty}")
        values = [[*(row.get(name) for name in contract.columns), row_id] for row_id, row in rows.items()]
        cursor.executemany(f"insert into candidate.{table} values ({', '.join('?' * len(values[0]))})", values)
    results = validate_batch(warehouse.connection, table, contract, fixture.get("parameters", {}))
    queries = {result.rule: result.bad_rows_query for result in results if result.bad_rows_query}
    named = {rule: {row[0] for row in warehouse.connection.execute(sql).fetchall()} for rule, sql in queries.items()}
    return results, named


@pytest.mark.parametrize("entity", CONTRACTS)
def test_every_rule_has_a_row_that_fails_it(entity: str) -> None:
    assert mistakes(CONTRACTS[entity], fixture_of(CONTRACTS[entity])) == []


@pytest.mark.parametrize("entity", CONTRACTS)
def test_each_rule_names_its_own_rows_and_no_other(entity: str, warehouse: Warehouse) -> None:
    contract = CONTRACTS[entity]
    fixture = fixture_of(contract)
    rows = {f"good {number}": row for number, row in enumerate(fixture["good"])}
    planted: dict[str, set[str]] = {}
    for number, bad in enumerate(fixture["bad"]):
        rows[f"bad {number}"] = bad_row(fixture, bad)
        planted.setdefault(bad["rule"], set()).add(f"bad {number}")
    results, named = validated(warehouse, contract, fixture, rows)
    assert named == planted
    assert {result.rule: result.rows_unexpected for result in results} == {
        rule: len(row_ids) for rule, row_ids in planted.items()
    }


@pytest.mark.parametrize("entity", CONTRACTS)
def test_good_rows_alone_pass_everything(entity: str, warehouse: Warehouse) -> None:
    contract = CONTRACTS[entity]
    fixture = fixture_of(contract)
    rows = {f"good {number}": row for number, row in enumerate(fixture["good"])}
    results, _ = validated(warehouse, contract, fixture, rows)
    assert [result.rule for result in results if not result.is_success] == []


TOLERANT = [
    (entity, rule.rule, rule.arguments["mostly"])
    for entity, contract in CONTRACTS.items()
    for rule in contract.expectations
    if "mostly" in rule.arguments
]


@pytest.mark.parametrize(("entity", "rule", "mostly"), TOLERANT)
def test_a_tolerant_rule_passes_while_enough_rows_are_good(
    entity: str, rule: str, mostly: float, warehouse: Warehouse
) -> None:
    contract = CONTRACTS[entity]
    fixture = fixture_of(contract)
    enough = ceil(1 / (1 - mostly))  # rows of which one may be bad
    bad = next(bad_row(fixture, bad) for bad in fixture["bad"] if bad["rule"] == rule)
    for count, is_success in ((enough, True), (enough // 2, False)):
        rows = {"bad": bad} | {f"good {number}": fixture["good"][0] for number in range(count)}
        results, _ = validated(warehouse, contract, fixture, rows)
        found = next(result for result in results if result.rule == rule)
        assert (found.is_success, found.rows_unexpected) == (is_success, 1)


@pytest.mark.parametrize("entity", CONTRACTS)
def test_required_columns_are_filled_in_every_row(entity: str) -> None:
    contract = CONTRACTS[entity]
    fixture = fixture_of(contract)
    required = [name for name, column in contract.columns.items() if column.required]
    rows = [*fixture["good"], *(bad_row(fixture, bad) for bad in fixture["bad"])]
    assert [(number, name) for number, row in enumerate(rows) for name in required if row.get(name) is None] == []


def test_no_fixture_is_left_over() -> None:
    assert {path.stem for path in HERE.glob("*.yml")} == {contract.table for contract in CONTRACTS.values()}


def test_a_missing_row_a_false_name_and_a_false_column_are_seen(contracts: Contracts) -> None:
    owners = contracts["crm.owners"]
    fixture = {
        "good": [{"owner_id": "1", "colour": "red"}],
        "bad": [{"rule": "no_such:rule", "change": {"team": None}}],
    }
    assert mistakes(owners, fixture) == [
        f"no row fails {owners.expectations[0].rule}",
        "there is no rule no_such:rule",
        "there is no column colour",
    ]
