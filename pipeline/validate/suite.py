"""Runs a contract's rules on one batch and proves that the rows named are the rows counted."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb

from pipeline.contracts import Contract, Expectation
from pipeline.errors import RefusedDelivery
from pipeline.validate import gx
from pipeline.validate.catalog import EXPECTATIONS, QUERY_RULE
from pipeline.validate.engine import QUERY, ROW_ID, SCHEMA, Call, Outcome
from pipeline.validate.parameters import fill
from pipeline.validate.results import RuleResult

NOT_SHOWN = "not shown: personal"


def validate_batch(
    connection: duckdb.DuckDBPyConnection, table: str, contract: Contract, parameters: dict[str, list[str]]
) -> list[RuleResult]:
    """Every rule of the contract on candidate.<table>, in the contract's order.

    The table must be committed and hold the contract's columns and a unique _row_id VARCHAR. Raises RefusedDelivery
    naming the rule when one cannot be evaluated or the bad rows it selects are not those it counted, and UserError
    for a parameter that is not given.
    """
    if not contract.expectations:
        return []
    rules = {one.rule: one for one in contract.expectations}
    calls = [_call(one, table, contract, parameters) for one in contract.expectations]
    with gx.open_batch(connection, table) as batch:
        outcomes = batch.count(calls)
        for rule, outcome in outcomes.items():
            _require_evaluated(outcome, rules[rule], contract)
        failed = [
            one for one in calls if EXPECTATIONS[one.expectation].is_row_rule and not outcomes[one.rule].is_success
        ]
        queries = _bad_rows_queries(batch, failed)
    for rule, query in queries.items():
        _guard(connection, query, outcomes[rule], rules[rule], contract)
    rows = _single(connection, f"select count(*) from {_name(table)}")[0]
    return [_result(one, outcomes[one.rule], queries.get(one.rule), rows, contract) for one in contract.expectations]


def _call(expectation: Expectation, table: str, contract: Contract, parameters: Mapping[str, list[str]]) -> Call:
    arguments = fill(expectation.arguments, parameters, _where(expectation, contract))
    if expectation.expectation == QUERY_RULE:
        arguments = {QUERY: _on_table(expectation, table, contract)}
    return Call(expectation.rule, expectation.expectation, arguments)


def _on_table(expectation: Expectation, table: str, contract: Contract) -> str:
    query = str(expectation.arguments.get(QUERY))
    try:
        return query.format(batch=_name(table)).rstrip("; \t\r\n\v\f")
    except (KeyError, IndexError, ValueError) as error:
        raise _not_evaluated(f"braces that are not {{batch}}: {error}", expectation, contract) from None


def _bad_rows_queries(batch: gx.Batch, failed: Sequence[Call]) -> dict[str, str]:
    """By rule; an unexpected_rows_expectation is its own query, the others are asked for."""
    own = {call.rule: call.arguments[QUERY] for call in failed if call.expectation == QUERY_RULE}
    asked = [call for call in failed if call.rule not in own]
    found = batch.bad_rows(asked) if asked else {}
    named = {rule: outcome.bad_rows_query or "" for rule, outcome in found.items()}
    return named | {rule: f"select {ROW_ID} from ({query}\n) as bad_rows" for rule, query in own.items()}


def _require_evaluated(outcome: Outcome, expectation: Expectation, contract: Contract) -> None:
    if outcome.error is not None:
        raise _not_evaluated(outcome.error, expectation, contract)


def _not_evaluated(error: str, expectation: Expectation, contract: Contract) -> RefusedDelivery:
    """Messages of the database may hold values; those of personal columns are not repeated."""
    return RefusedDelivery(
        "the rule cannot be evaluated",
        where=_where(expectation, contract),
        found=NOT_SHOWN if _is_personal(expectation, contract) else error,
        action="correct the rule in the contract, then run again",
    )


def _guard(
    connection: duckdb.DuckDBPyConnection, query: str, outcome: Outcome, expectation: Expectation, contract: Contract
) -> None:
    """Rows leave the batch by this query: it must select exactly as many as were counted, each once."""
    sql = f"select count(*), count(distinct {ROW_ID}) from ({query}\n) as bad_rows"
    selected, distinct = _single(connection, sql) if query else (0, 0)
    if selected == distinct == outcome.rows_unexpected:
        return
    raise RefusedDelivery(
        "the rule's bad rows cannot be told apart",
        where=_where(expectation, contract),
        found=f"{selected} rows selected, {distinct} different ones",
        expected=f"{outcome.rows_unexpected} bad rows",
        action="let the rule select each row once, or write it as an unexpected_rows_expectation",
    )


def _result(expectation: Expectation, outcome: Outcome, query: str | None, rows: int, contract: Contract) -> RuleResult:
    is_row_rule = EXPECTATIONS[expectation.expectation].is_row_rule
    observed = NOT_SHOWN if _is_personal(expectation, contract) else _text(outcome.observed)
    return RuleResult(
        rule=expectation.rule,
        expectation=expectation.expectation,
        column=expectation.column,
        severity=expectation.severity,
        on_failure=expectation.on_failure,
        reason=expectation.reason,
        is_success=outcome.is_success,
        rows_checked=rows,
        rows_unexpected=outcome.rows_unexpected if is_row_rule else 0,
        bad_rows_query=query,
        observed=None if is_row_rule else observed,
    )


def _text(observed: Any) -> str:
    """An aggregate for people: decimals without trailing zeros, quantiles as pairs."""
    if isinstance(observed, Mapping):
        pairs = zip(observed.get("quantiles", []), observed.get("values", []), strict=True)
        return ", ".join(f"{_text(quantile)}: {_text(value)}" for quantile, value in pairs)
    if isinstance(observed, list | tuple | set):
        return ", ".join(sorted(map(_text, observed)))
    if isinstance(observed, Decimal):
        return f"{observed.normalize():f}"
    return "nothing" if observed is None else str(observed)


def _is_personal(expectation: Expectation, contract: Contract) -> bool:
    said = str(expectation.arguments)
    return any(name in said for name in contract.personal_columns)


def _where(expectation: Expectation, contract: Contract) -> str:
    return f"{contract.entity}, rule {expectation.rule}"


def _name(table: str) -> str:
    return f'{SCHEMA}."{table}"'


def _single(connection: duckdb.DuckDBPyConnection, sql: str) -> Sequence[Any]:
    with connection.cursor() as cursor:
        row = cursor.execute(sql).fetchone()
    return row or (0, 0)
