"""Finds what is wrong with a contract's rules before any data is seen and without Great Expectations.

Names and arguments are compared with catalog.py; queries and patterns are tried on an empty batch.
"""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from difflib import get_close_matches
from string import Formatter
from typing import Any

import duckdb

from pipeline.contracts import SQL_TYPES, Contract, Correction, Expectation
from pipeline.validate.catalog import EXPECTATIONS, REFUSED, REFUSED_ARGUMENTS, Signature
from pipeline.validate.engine import QUERY
from pipeline.validate.parameters import is_parameter
from pipeline.warehouse import memory_database

_NUMBER = (int, float)
# What an argument must be, where Great Expectations would take anything and go wrong later
_TYPES: dict[str, tuple[str, tuple[type, ...]]] = {
    **dict.fromkeys(("column", "column_A", "column_B", "regex", "like_pattern", "escape"), ("a text", (str,))),
    **dict.fromkeys(("value_set", "value_pairs_set", "regex_list", "like_pattern_list"), ("a list", (list,))),
    **dict.fromkeys(("value", "threshold", "sum_total", "mostly"), ("a number", _NUMBER)),
    **dict.fromkeys(
        ("strict_min", "strict_max", "or_equal", "double_sided", "ties_okay", "allow_relative_error"),
        ("true or false", (bool,)),
    ),
    "column_list": ("a list", (list,)),
    "quantile_ranges": ("quantiles and value_ranges", (dict,)),
    QUERY: ("a query", (str,)),
}


def lint_contract(contract: Contract, scratch: duckdb.DuckDBPyConnection | None = None) -> list[str]:
    """Every mistake in the contract's rules, one readable line each; empty when there is none.

    Patterns and SQL are tried in `scratch`, a database in memory that may serve for many contracts.
    """
    with nullcontext(scratch) if scratch is not None else memory_database() as database:
        return _lint(contract, database)


def _lint(contract: Contract, database: duckdb.DuckDBPyConnection) -> list[str]:
    found = [(one, _mistakes(one, contract)) for one in contract.expectations]
    tried = [one for one, mistakes in found if not mistakes and {"regex", "regex_list", QUERY} & set(one.arguments)]
    _create_empty_batch(database, contract)
    found += [(one, [*_patterns(one, database), *_query(one, database)]) for one in tried]
    corrections = [
        f"{contract.entity}, correction {one.rule}: {mistake}"
        for one in contract.corrections
        for mistake in _correction(one, database)
    ]
    return corrections + [
        f"{contract.entity}, rule {one.rule}: {mistake}" for one, mistakes in found for mistake in mistakes
    ]


def _mistakes(rule: Expectation, contract: Contract) -> list[str]:
    signature = EXPECTATIONS.get(rule.expectation)
    if signature is None:
        return [_unknown_name(rule.expectation)]
    mistakes = [*_names(rule, signature), *_values(rule), *_columns(rule, contract)]
    if rule.on_failure == "quarantine" and not signature.is_row_rule:
        mistakes += [
            "it judges the batch as a whole and cannot name rows to quarantine; let on_failure be warn or block"
        ]
    return mistakes


def _unknown_name(name: str) -> str:
    if name in REFUSED:
        return f"{name} may not be used: {REFUSED[name]}"
    return f"there is no expectation {name}{_nearest(name, EXPECTATIONS)}"


def _nearest(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _names(rule: Expectation, signature: Signature) -> Iterator[str]:
    for name in rule.arguments:
        if name in REFUSED_ARGUMENTS:
            yield f"{name} may not be used: {REFUSED_ARGUMENTS[name]}"
        elif name not in signature.arguments:
            yield f"it takes no argument {name}{_nearest(name, signature.arguments)}"
    for name in signature.required:
        if name not in rule.arguments:
            yield f"it lacks the argument {name}"
    bounds = ("min_value", "max_value")
    if bounds[0] in signature.arguments and all(rule.arguments.get(name) is None for name in bounds):
        yield "it says neither min_value nor max_value"


def _values(rule: Expectation) -> Iterator[str]:
    for name, value in rule.arguments.items():
        expected, types = _TYPES.get(name, ("", (object,)))
        is_number_as_bool = types is _NUMBER and isinstance(value, bool)
        if not is_parameter(value) and (not isinstance(value, types) or is_number_as_bool):
            yield f"{name} must be {expected}, not {value!r}"
        elif name == "mostly" and not 0 < value <= 1:
            yield f"mostly must be a share over 0 and up to 1, not {value!r}"
        elif name == "match_on" and value not in ("any", "all"):
            yield f"match_on must be any or all, not {value!r}"


def _columns(rule: Expectation, contract: Contract) -> Iterator[str]:
    named = [rule.arguments.get(name) for name in ("column", "column_A", "column_B")]
    listed = rule.arguments.get("column_list")
    named += listed if isinstance(listed, list) else []
    for name in named:
        if isinstance(name, str) and name not in contract.columns:
            yield f"it names the column {name}, which {contract.entity} does not have{_nearest(name, contract.columns)}"


def _patterns(rule: Expectation, database: duckdb.DuckDBPyConnection) -> Iterator[str]:
    listed = rule.arguments.get("regex_list", [])
    for pattern in [rule.arguments.get("regex"), *(listed if isinstance(listed, list) else [])]:
        if isinstance(pattern, str):
            try:
                database.execute("select regexp_matches('', ?)", [pattern])
            except duckdb.Error as error:
                yield f"the pattern {pattern!r} cannot be read: {_first_line(error)}"


def _query(rule: Expectation, database: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Tried on an empty batch, so that unknown columns and syntax errors are found as well."""
    query = rule.arguments.get(QUERY)
    if query is None:
        return
    try:
        fields = {field for _, field, _, _ in Formatter().parse(query) if field is not None}
    except ValueError as error:
        fields = {str(error)}
    if fields - {"batch"}:
        other = min(fields - {"batch"})
        yield f"the query has other braces than {{batch}}: {other!r}; double those of its own, {{{{ and }}}}"
    elif not fields:
        yield "the query does not read {batch}, so it would judge other rows than the delivery's"
    else:
        yield from _tried(query.format(batch="batch"), database)


def _correction(one: Correction, database: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Its SQL is worked out row by row when a delivery is loaded; a name that does not exist must not wait for that."""
    for sql in (one.when, one.clear, one.derive):
        try:
            if sql is not None:
                database.execute(f"describe select try(({sql})) from batch")
        except duckdb.Error as error:
            yield f"{sql!r} cannot be worked out: {_first_line(error)}"


def _tried(query: str, database: duckdb.DuckDBPyConnection) -> Iterator[str]:
    try:
        found = database.execute(f"describe select * from ({query.rstrip('; ')}\n)").fetchall()
    except duckdb.Error as error:
        yield f"the query cannot be run: {_first_line(error)}"
        return
    names = [str(row[0]) for row in found]
    if names != ["_row_id"]:
        yield f"the query must select _row_id and nothing else, not {', '.join(names)}"


def _create_empty_batch(database: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    columns: dict[str, Any] = {name: SQL_TYPES[column.type] for name, column in contract.columns.items()}
    body = ", ".join(f'"{name}" {sql_type}' for name, sql_type in {**columns, "_row_id": "VARCHAR"}.items())
    database.execute(f"create or replace table batch ({body})")
    database.execute("set enable_external_access = false")


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]
