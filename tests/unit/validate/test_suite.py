"""Every allowed expectation on a small batch: verdicts, counts and the rows named, by Great Expectations itself."""

import dataclasses
import datetime
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from pipeline.contracts import Contract
from pipeline.errors import RefusedDelivery, UserError
from pipeline.validate import RuleResult, gx, suite, validate_batch
from pipeline.validate.catalog import EXPECTATIONS
from pipeline.validate.engine import Outcome
from pipeline.warehouse import memory_database

TYPES = {"text": "text", "other": "text", "q": "integer", "q2": "integer", "m": "money", "n": "number"}
TYPES |= {"d": "date", "ts": "timestamp", "b": "boolean"}
# text and other, q and q2 are both null in "none"; in "half" one of them is
BATCH = """
create schema candidate;
create schema clean;
create table clean.things (text integer);
create table candidate.things (
    text varchar, other varchar, q bigint, q2 bigint, m decimal(18, 4), n double, d date, ts timestamp, b boolean,
    _row_id varchar
);
insert into candidate.things values
    ('O''Brien',    'x',     1,    1,    1,    1.5,  '2020-01-01', '2020-01-01 10:00', true,  'quote'),
    ('50% off',     'y',     2,    1,    2,    2.5,  '2020-01-02', '2020-01-02 10:00', false, 'percent'),
    ('12345',       '12345', 3,    3,    3,    3.5,  '2020-01-03', '2020-01-03 10:00', true,  'digits'),
    ('back\\slash', null,    -1,   2,    -1,   -1.5, '1999-01-03', '1999-01-03 10:00', true,  'minus'),
    (null,          'z',     null, 7,    null, null, null,         null,               null,  'half'),
    (null,          null,    null, null, null, null, null,         null,               null,  'none');
"""
QUERY = "unexpected_rows_expectation"
ROW_RULES: list[tuple[str, dict[str, Any], str]] = [
    ("expect_column_values_to_be_between", {"column": "q", "min_value": 1}, "minus"),
    ("expect_column_values_to_be_between", {"column": "q", "max_value": 3, "strict_max": True}, "digits"),
    ("expect_column_values_to_be_between", {"column": "m", "min_value": 2}, "minus quote"),
    ("expect_column_values_to_be_between", {"column": "n", "min_value": 1.5}, "minus"),
    ("expect_column_values_to_be_between", {"column": "d", "min_value": "2020-01-02"}, "minus quote"),
    ("expect_column_values_to_be_between", {"column": "ts", "max_value": "2020-01-02"}, "digits percent"),
    ("expect_column_values_to_be_in_set", {"column": "q", "value_set": [1, 2]}, "digits minus"),
    ("expect_column_values_to_be_in_set", {"column": "m", "value_set": [1, 2.0]}, "digits minus"),
    ("expect_column_values_to_be_in_set", {"column": "b", "value_set": [True]}, "percent"),
    ("expect_column_values_to_be_in_set", {"column": "d", "value_set": ["2020-01-01"]}, "digits minus percent"),
    (
        "expect_column_values_to_be_in_set",
        {"column": "text", "value_set": ["O'Brien", ":x", "$1", "?", "12345"]},
        "minus percent",
    ),
    ("expect_column_values_to_be_in_set", {"column": "text", "value_set": []}, "digits minus percent quote"),
    ("expect_column_values_to_not_be_in_set", {"column": "text", "value_set": ["O'Brien", "50% off"]}, "percent quote"),
    ("expect_column_values_to_be_null", {"column": "other"}, "digits half percent quote"),
    ("expect_column_values_to_not_be_null", {"column": "other"}, "minus none"),
    ("expect_column_value_lengths_to_be_between", {"column": "text", "max_value": 7}, "minus"),
    ("expect_column_value_lengths_to_equal", {"column": "text", "value": 7}, "digits minus"),
    ("expect_column_value_z_scores_to_be_less_than", {"column": "n", "threshold": 1.2, "double_sided": True}, "minus"),
    ("expect_column_values_to_match_like_pattern", {"column": "text", "like_pattern": "%1%"}, "minus percent quote"),
    (
        "expect_column_values_to_match_like_pattern",
        {"column": "text", "like_pattern": "50!% %", "escape": "!"},
        "digits minus quote",
    ),
    ("expect_column_values_to_not_match_like_pattern", {"column": "text", "like_pattern": "O'%"}, "quote"),
    (
        "expect_column_values_to_match_like_pattern_list",
        {"column": "text", "like_pattern_list": ["O'%", "5%"]},
        "digits minus",
    ),
    (
        "expect_column_values_to_not_match_like_pattern_list",
        {"column": "text", "like_pattern_list": ["O'%", "5%"]},
        "percent quote",
    ),
    ("expect_column_values_to_match_regex", {"column": "text", "regex": r"^\d+$"}, "minus percent quote"),
    ("expect_column_values_to_match_regex", {"column": "text", "regex": r"23|'B|\\"}, "percent"),
    ("expect_column_values_to_not_match_regex", {"column": "text", "regex": r"\d%"}, "percent"),
    ("expect_column_values_to_match_regex_list", {"column": "text", "regex_list": [r"\d%", "^O"]}, "digits minus"),
    (
        "expect_column_values_to_match_regex_list",
        {"column": "text", "regex_list": ["1", "5"], "match_on": "all"},
        "minus percent quote",
    ),
    ("expect_column_values_to_not_match_regex_list", {"column": "text", "regex_list": [r"\d%", "^O"]}, "percent quote"),
    ("expect_column_pair_values_a_to_be_greater_than_b", {"column_A": "q", "column_B": "q2"}, "digits minus quote"),
    (
        "expect_column_pair_values_a_to_be_greater_than_b",
        {"column_A": "q", "column_B": "q2", "or_equal": True},
        "minus",
    ),
    ("expect_column_pair_values_to_be_equal", {"column_A": "text", "column_B": "other"}, "half minus percent quote"),
    (
        "expect_column_pair_values_to_be_in_set",
        {"column_A": "q", "column_B": "q2", "value_pairs_set": [[1, 1], [2, 1]]},
        "digits half minus",
    ),
    ("expect_multicolumn_sum_to_equal", {"column_list": ["q", "q2"], "sum_total": 3}, "digits minus quote"),
    ("expect_multicolumn_values_to_be_equal", {"column_list": ["q", "q2"]}, "half minus percent"),
    ("expect_select_column_values_to_be_unique_within_record", {"column_list": ["q", "q2"]}, "digits quote"),
    (QUERY, {"unexpected_rows_query": "select _row_id from {batch} where q < q2 and other is null;"}, "minus"),
    (
        QUERY,
        {"unexpected_rows_query": "select _row_id from {batch} where regexp_matches(text, '^[0-9]{{5}}$') -- no"},
        "digits",
    ),
    (
        QUERY,
        {"unexpected_rows_query": "select _row_id from {batch} where text = '12345' or text = ' :x' or q = '3'::int"},
        "digits",
    ),
    (
        QUERY,
        {
            "unexpected_rows_query": "select a._row_id from {batch} a where not exists "
            "(select 1 from {batch} b where b.q2 = a.q) and a.q is not null"
        },
        "minus",
    ),
    (
        QUERY,
        {"unexpected_rows_query": "select a._row_id from {batch} a join {batch} b on b.q2 = a.q + 4"},
        "digits minus",
    ),
]
AGGREGATES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    # expectation, arguments that pass, arguments that fail, observed
    ("expect_column_distinct_values_to_be_in_set", {"value_set": ["x", "y", "z", "12345"]}, {"value_set": ["x"]}, ""),
    ("expect_column_distinct_values_to_contain_set", {"value_set": ["x"]}, {"value_set": ["w"]}, ""),
    ("expect_column_distinct_values_to_equal_set", {"value_set": ["x", "y", "z", "12345"]}, {"value_set": ["x"]}, ""),
    ("expect_column_max_to_be_between", {"max_value": 3}, {"max_value": 2}, "3"),
    ("expect_column_mean_to_be_between", {"max_value": 2}, {"max_value": 1}, "1.25"),
    ("expect_column_median_to_be_between", {"max_value": 2}, {"max_value": 1}, "1.5"),
    ("expect_column_min_to_be_between", {"min_value": -1}, {"min_value": 0}, "-1"),
    ("expect_column_most_common_value_to_be_in_set", {"value_set": ["x", "y", "z", "12345"], "ties_okay": True},
     {"value_set": ["w"]}, ""),
    ("expect_column_proportion_of_non_null_values_to_be_between", {"min_value": 0.6}, {"min_value": 0.7}, "0.66"),
    ("expect_column_proportion_of_unique_values_to_be_between", {"min_value": 0.9}, {"max_value": 0.9}, "1.0"),
    ("expect_column_quantile_values_to_be_between", {"quantile_ranges": {"quantiles": [0.5], "value_ranges": [[1, 2]]}},
     {"quantile_ranges": {"quantiles": [0.5], "value_ranges": [[2, 3]]}}, "0.5: 1"),
    ("expect_column_stdev_to_be_between", {"max_value": 2}, {"max_value": 1}, "1.7"),
    ("expect_column_sum_to_be_between", {"min_value": 5}, {"min_value": 6}, "5"),
    ("expect_column_unique_value_count_to_be_between", {"min_value": 4}, {"min_value": 5}, "4"),
    ("expect_table_row_count_to_be_between", {"min_value": 6}, {"min_value": 7}, "6"),
    ("expect_table_row_count_to_equal", {"value": 6}, {"value": 7}, "6"),
]  # fmt: skip


def contract(*rules: tuple[str, dict[str, Any]], personal: str | None = None) -> Contract:
    columns = {name: {"type": kind, "description": "A column."} for name, kind in TYPES.items()}
    if personal:
        columns[personal]["personal"] = "keep"
    ends = {"severity": "critical", "on_failure": "warn", "reason": "because"}
    data = {"entity": "shop.things", "row": "One row per thing.", "key": ["q"], "columns": columns}
    return Contract.model_validate({**data, "expectations": [{name: arguments, **ends} for name, arguments in rules]})


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with memory_database() as connection:
        connection.execute(BATCH)
        yield connection


def validated(
    database: duckdb.DuckDBPyConnection, *rules: tuple[str, dict[str, Any]], personal: str | None = None
) -> list[RuleResult]:
    return validate_batch(database, "things", contract(*rules, personal=personal), {})


def row_ids(database: duckdb.DuckDBPyConnection, result: RuleResult) -> set[str]:
    assert result.bad_rows_query is not None
    return {row[0] for row in database.execute(result.bad_rows_query).fetchall()}


def test_every_allowed_expectation_is_tried_here() -> None:
    assert {name for name, _, _ in ROW_RULES} == {name for name, one in EXPECTATIONS.items() if one.is_row_rule}
    assert {name for name, *_ in AGGREGATES} == {name for name, one in EXPECTATIONS.items() if not one.is_row_rule}


def test_row_rules_name_exactly_their_bad_rows(database: duckdb.DuckDBPyConnection) -> None:
    results = validated(database, *((name, arguments) for name, arguments, _ in ROW_RULES))
    named = [" ".join(sorted(row_ids(database, result))) for result in results]
    assert list(zip(named, ROW_RULES, strict=True)) == [(rows, (a, b, rows)) for a, b, rows in ROW_RULES]
    assert [result.rows_unexpected for result in results] == [len(rows.split()) for _, _, rows in ROW_RULES]
    assert {(result.is_success, result.rows_checked, result.observed) for result in results} == {(False, 6, None)}


@pytest.mark.parametrize(("name", "right", "wrong", "observed"), AGGREGATES)
def test_aggregates_pass_and_fail(
    database: duckdb.DuckDBPyConnection, name: str, right: dict[str, Any], wrong: dict[str, Any], observed: str
) -> None:
    column = {} if "table" in name else {"column": "other" if observed == "" else "m"}
    passed, failed = validated(database, (name, {**column, **right}), (name, {**column, **wrong}))
    assert (passed.is_success, failed.is_success) == (True, False)
    assert failed.observed is not None
    assert failed.observed.startswith(observed)
    assert (failed.rows_checked, failed.rows_unexpected, failed.bad_rows_query) == (6, 0, None)


@pytest.mark.parametrize(("mostly", "is_success"), [(0.75, True), (0.76, False)])
def test_mostly_is_a_share_of_the_rows_with_a_value(
    database: duckdb.DuckDBPyConnection, mostly: float, is_success: bool
) -> None:
    rule = ("expect_column_values_to_be_between", {"column": "q", "min_value": 0, "mostly": mostly})
    (result,) = validated(database, rule)
    assert (result.is_success, result.rows_unexpected) == (is_success, 1)
    assert (result.bad_rows_query is None) == is_success


def test_results_hold_native_types_only(database: duckdb.DuckDBPyConnection) -> None:
    rules = [(name, arguments) for name, arguments, _ in ROW_RULES]
    rules += [(name, {**({} if "table" in name else {"column": "m"}), **one}) for name, one, _, _ in AGGREGATES[3:7]]
    results = validated(database, *rules)
    native = {str, bool, int, type(None)}
    assert {type(value) for result in results for value in dataclasses.asdict(result).values()} <= native
    json.dumps([dataclasses.asdict(result) for result in results])


def test_rules_come_back_in_the_contracts_order_with_what_it_says(database: duckdb.DuckDBPyConnection) -> None:
    rules = [ROW_RULES[-1][:2], ("expect_table_row_count_to_equal", {"value": 6}), ROW_RULES[0][:2]]
    results = validated(database, *rules)
    assert [result.rule for result in results] == [one.rule for one in contract(*rules).expectations]
    first = results[2]
    assert (first.column, first.severity, first.on_failure, first.reason) == ("q", "critical", "warn", "because")


def test_parameters_are_filled_in(database: duckdb.DuckDBPyConnection) -> None:
    things = contract(("expect_column_values_to_be_in_set", {"column": "other", "value_set": {"$PARAMETER": "ids"}}))
    (result,) = validate_batch(database, "things", things, {"ids": ["x", "y", "z"]})
    assert row_ids(database, result) == {"digits"}
    with pytest.raises(UserError, match=f"shop.things, rule {things.expectations[0].rule}: .* parameter"):
        validate_batch(database, "things", things, {})


def test_an_empty_batch_passes_its_row_rules(database: duckdb.DuckDBPyConnection) -> None:
    database.execute("delete from candidate.things")
    results = validated(database, *((name, arguments) for name, arguments, _ in ROW_RULES))
    assert {(result.is_success, result.rows_checked, result.rows_unexpected) for result in results} == {(True, 0, 0)}
    (empty,) = validated(database, ("expect_column_mean_to_be_between", {"column": "m", "min_value": 0}))
    assert (empty.is_success, empty.observed) == (False, "nothing")


def test_a_contract_without_rules_asks_nothing(database: duckdb.DuckDBPyConnection) -> None:
    assert validate_batch(database, "no_such_table", contract(), {}) == []


def test_a_table_of_another_shape_is_not_mistaken_for_the_one_before(database: duckdb.DuckDBPyConnection) -> None:
    rule = ("expect_column_values_to_not_be_null", {"column": "other"})
    validated(database, rule)
    with memory_database() as fresh:
        fresh.execute("create schema candidate; create table candidate.things (other integer, _row_id varchar)")
        fresh.execute("insert into candidate.things values (null, 'a')")
        assert row_ids(fresh, validated(fresh, rule)[0]) == {"a"}


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (QUERY, {"unexpected_rows_query": "select a._row_id from {batch} a, {batch} b where a.q = 1"},
     "cannot be told apart; found 6 rows selected, 1 different ones; expected 6 bad rows"),
    (QUERY, {"unexpected_rows_query": "select _row_id from {batch} where no_such = 1"}, "cannot be evaluated; found"),
    ("expect_column_values_to_be_between", {"column": "text", "min_value": 1}, "cannot be evaluated; found"),
    ("expect_column_values_to_be_between", {"column": "q"}, "cannot be evaluated; found"),
    ("expect_columns_to_be_right", {"column": "q"}, "cannot be evaluated; found"),
    (QUERY, {"unexpected_rows_query": "select _row_id from {batch} where text ~ 'a{2}'"}, "cannot be evaluated; found"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "message"), REFUSED)
def test_a_rule_that_cannot_be_trusted_refuses_the_delivery(
    database: duckdb.DuckDBPyConnection, name: str, arguments: dict[str, Any], message: str, capfd: Any
) -> None:
    with pytest.raises(RefusedDelivery) as raised:
        validated(database, (name, arguments))
    assert str(raised.value).startswith(f"shop.things, rule {name}")
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    assert capfd.readouterr() == ("", "")
    assert validated(database, ROW_RULES[0][:2])[0].rows_unexpected == 1  # and the next suite runs as ever


def test_a_query_that_selects_other_rows_than_counted_refuses(
    database: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = Outcome(False, 1, None, "select _row_id from candidate.things", None)
    monkeypatch.setattr(gx.Batch, "bad_rows", lambda self, calls: {call.rule: outcome for call in calls})
    with pytest.raises(RefusedDelivery, match="found 6 rows selected, 6 different ones; expected 1 bad rows"):
        validated(database, ROW_RULES[0][:2])


def test_values_of_personal_columns_are_nowhere(database: duckdb.DuckDBPyConnection) -> None:
    rules: list[tuple[str, dict[str, Any]]] = [
        ("expect_column_max_to_be_between", {"column": "m", "max_value": 2}),
        ("expect_column_values_to_be_in_set", {"column": "m", "value_set": [1]}),
    ]
    largest, _ = results = validated(database, *rules, personal="m")
    assert (largest.is_success, largest.observed) == (False, "not shown: personal")
    assert [result.bad_rows_query for result in validated(database, *rules)] == [one.bad_rows_query for one in results]
    with pytest.raises(RefusedDelivery, match="found not shown: personal"):
        validated(database, ("expect_column_values_to_be_between", {"column": "text", "min_value": 1}), personal="text")


def test_great_expectations_hands_out_no_value_of_a_row(
    database: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    original = gx._outcome

    def watched(result: Any) -> Outcome:
        seen.append(result.result)
        return original(result)

    monkeypatch.setattr(gx, "_outcome", watched)
    validated(database, *((name, arguments) for name, arguments, _ in ROW_RULES[:36]))
    assert seen
    lists = ("partial_unexpected_list", "partial_unexpected_index_list", "partial_unexpected_counts")
    assert [found[name] for found in seen for name in lists if found.get(name)] == []


@pytest.mark.parametrize(
    ("observed", "text"),
    [
        (Decimal("5.0000"), "5"),
        (Decimal("100"), "100"),
        (datetime.date(2020, 1, 3), "2020-01-03"),
        ({"quantiles": [0.1, 0.5], "values": [Decimal("1.50"), None]}, "0.1: 1.5, 0.5: nothing"),
        (["y", "x"], "x, y"),
        (None, "nothing"),
    ],
)
def test_observed_values_are_for_people(observed: Any, text: str) -> None:
    assert suite._text(observed) == text
