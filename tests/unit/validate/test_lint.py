"""Mistakes in a contract's rules, and how they are told."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.contracts import Contract, load_contracts
from pipeline.validate import lint_contract

REPOSITORY = Path(__file__).parents[3]
COLUMNS = {
    "id": {"type": "text", "required": True, "description": "The id."},
    "amount": {"type": "money", "description": "The amount."},
    "cost": {"type": "money", "description": "The cost."},
    "day": {"type": "date", "description": "The day."},
}
BETWEEN = "expect_column_values_to_be_between"
REGEX = "expect_column_values_to_match_regex"
QUERY = "unexpected_rows_expectation"


def contract(expectation: str, arguments: dict[str, Any], on_failure: str = "warn") -> Contract:
    rule = {expectation: arguments, "severity": "warning", "on_failure": on_failure, "reason": "because"}
    data = {"entity": "shop.things", "row": "One row per thing.", "key": ["id"], "columns": COLUMNS}
    return Contract.model_validate({**data, "expectations": [rule]})


RIGHT: list[tuple[str, dict[str, Any]]] = [
    (BETWEEN, {"column": "amount", "min_value": 0, "mostly": 0.9}),
    (BETWEEN, {"column": "amount", "max_value": 0, "strict_max": True}),
    (REGEX, {"column": "id", "regex": r"^\d+$"}),
    ("expect_column_values_to_be_in_set", {"column": "id", "value_set": {"$PARAMETER": "kpi_ids"}}),
    ("expect_column_pair_values_a_to_be_greater_than_b", {"column_A": "amount", "column_B": "cost"}),
    ("expect_multicolumn_sum_to_equal", {"column_list": ["amount", "cost"], "sum_total": 1}),
    ("expect_table_row_count_to_be_between", {"min_value": 1}),
    (QUERY, {"unexpected_rows_query": "select _row_id from {batch} where amount < cost;"}),
    (QUERY, {"unexpected_rows_query": "select a._row_id from {batch} a where a.day = current_date -- today"}),
    (QUERY, {"unexpected_rows_query": "select _row_id from {batch} where regexp_matches(id, '^a{{2}}$')"}),
    (QUERY, {"unexpected_rows_query": "with big as (select * from {batch}) select _row_id from big"}),
]
WRONG: list[tuple[str, dict[str, Any], str]] = [
    (
        "expect_column_values_to_be_betwen",
        {"column": "amount", "min_value": 0},
        "there is no expectation expect_column_values_to_be_betwen; did you mean expect_column_values_to_be_between?",
    ),
    ("look_right", {"column": "amount"}, "there is no expectation look_right"),
    (
        "expect_column_values_to_be_unique",
        {"column": "id"},
        "expect_column_values_to_be_unique may not be used: duplicates are settled by the contract's key and version",
    ),
    ("expect_column_values_to_be_increasing", {"column": "id"}, "it does not run as SQL on DuckDB"),
    (
        BETWEEN,
        {"column": "amount", "min_valeu": 0, "max_value": 1},
        "it takes no argument min_valeu; did you mean min_value?",
    ),
    (BETWEEN, {"column": "amount"}, "it says neither min_value nor max_value"),
    (BETWEEN, {"min_value": 0}, "it lacks the argument column"),
    (BETWEEN, {"column": "amount", "min_value": 0, "row_condition": "x"}, "row_condition may not be used"),
    (BETWEEN, {"column": "amount", "min_value": 0, "mostly": 95}, "mostly must be a share over 0 and up to 1, not 95"),
    (BETWEEN, {"column": "amount", "min_value": 0, "mostly": True}, "mostly must be a number, not True"),
    (
        "expect_column_pair_values_to_be_equal",
        {"column_A": "amount", "column_B": "cost", "ignore_row_if": "never"},
        "ignore_row_if may not be used",
    ),
    (
        "expect_column_pair_values_to_be_equal",
        {"column_A": "amount", "column_B": "costs"},
        "it names the column costs, which shop.things does not have; did you mean cost?",
    ),
    ("expect_multicolumn_values_to_be_equal", {"column_list": ["amount", "x"]}, "it names the column x"),
    ("expect_multicolumn_values_to_be_equal", {"column_list": "amount"}, "column_list must be a list, not 'amount'"),
    ("expect_column_values_to_be_in_set", {"column": "id", "value_set": "open"}, "value_set must be a list"),
    (
        "expect_column_values_to_match_regex_list",
        {"column": "id", "regex_list": ["a"], "match_on": "some"},
        "match_on must be any or all",
    ),
    (REGEX, {"column": "id", "regex": "^(a$"}, "the pattern '^(a$' cannot be read: "),
    ("expect_column_values_to_not_match_regex_list", {"column": "id", "regex_list": ["["]}, "the pattern '['"),
    (QUERY, {"unexpected_rows_query": "select _row_id from things"}, "the query does not read {batch}"),
    (QUERY, {"unexpected_rows_query": "select _row_id from {table}"}, "other braces than {batch}: 'table'"),
    (
        QUERY,
        {"unexpected_rows_query": "select _row_id from {batch} where id ~ 'a{2}'"},
        "other braces than {batch}: '2'",
    ),
    (QUERY, {"unexpected_rows_query": "select _row_id from {batch"}, "other braces than {batch}: "),
    (QUERY, {"unexpected_rows_query": "select id from {batch}"}, "must select _row_id and nothing else, not id"),
    (QUERY, {"unexpected_rows_query": "select * from {batch}"}, "not id, amount, cost, day, _row_id"),
    (
        QUERY,
        {"unexpected_rows_query": "select _row_id from {batch} where amout < 0"},
        "the query cannot be run: Binder",
    ),
    (QUERY, {"unexpected_rows_query": "select _row_id form {batch}"}, "the query cannot be run: "),
    (QUERY, {"unexpected_rows_query": "select _row_id from {batch}, 'x.csv'"}, "the query cannot be run: "),
    (QUERY, {"unexpected_rows_query": ["select"]}, "unexpected_rows_query must be a query"),
    (QUERY, {"unexpected_rows_query": "select _row_id from {batch}", "mostly": 0.5}, "it takes no argument mostly"),
]


@pytest.mark.parametrize(("expectation", "arguments"), RIGHT)
def test_a_right_rule_passes(expectation: str, arguments: dict[str, Any]) -> None:
    assert lint_contract(contract(expectation, arguments)) == []


@pytest.mark.parametrize(("expectation", "arguments", "mistake"), WRONG)
def test_a_mistake_is_told_with_contract_and_rule(expectation: str, arguments: dict[str, Any], mistake: str) -> None:
    try:
        wrong = contract(expectation, arguments)
    except ValueError:
        pytest.fail("the contract's own grammar refuses it: lint never sees it")
    found = lint_contract(wrong)
    assert len(found) == 1
    assert found[0].startswith(f"shop.things, rule {wrong.expectations[0].rule}: ")
    assert mistake in found[0]


def test_rows_of_a_rule_about_the_whole_batch_cannot_be_quarantined() -> None:
    found = lint_contract(
        contract("expect_column_mean_to_be_between", {"column": "amount", "min_value": 0}, "quarantine")
    )
    assert len(found) == 1
    assert "let on_failure be warn or block" in found[0]


def test_every_mistake_of_a_rule_is_told() -> None:
    found = lint_contract(contract(BETWEEN, {"minimum": 0, "row_condition": "x"}, "warn"))
    assert len(found) == 4


@pytest.mark.parametrize("entity", load_contracts(REPOSITORY / "expectations"))
def test_the_contracts_of_the_project_are_clean(entity: str) -> None:
    assert lint_contract(load_contracts(REPOSITORY / "expectations")[entity]) == []


def test_lint_does_not_import_great_expectations() -> None:
    code = (
        "import sys; from pathlib import Path; from pipeline.contracts import load_contracts; "
        "from pipeline.validate import lint_contract; "
        "[lint_contract(one) for one in load_contracts(Path('expectations')).values()]; "
        "print([name for name in ('great_expectations', 'sqlalchemy', 'duckdb_engine') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
