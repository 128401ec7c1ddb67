"""Mapping expressions: the SQL a connector writes over an export's text columns, checked before it runs.

An expression may compute; it may not read files, query tables, reach the network, or look beyond its row.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from pipeline.clean.names import is_plain, is_written_bare, missing, names_of_words, nearest, quotes_left_out
from pipeline.clean.sql import ident, idents, text, texts
from pipeline.errors import RefusedDelivery, UserError
from pipeline.sources import Feed

ELEMENT = "each"
NOT_AN_ARRAY = "each:not_an_array"
_NO_FAULT = "cast(null as VARCHAR) as _fault"
T = TypeVar("T")
# What DuckDB raises for a value, not for a statement
_FAILURES = (duckdb.DataError, duckdb.InvalidInputException)
# What looks outside the row, beside all that DuckDB itself knows not to depend on its arguments alone
_FORBIDDEN = {"getenv", "current_setting", "getvariable", "query", "version", "age", "unnest"}
_CLOCK = {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"}
_MAY_NOT = {
    "SUBQUERY": ("query anything", "an expression over the row's columns"),
    "WINDOW": ("look at other rows", "an expression over the row's columns"),
    "STAR": ("stand for several columns", "an expression over named columns"),
    "PARAMETER": ("have a placeholder of this kind", "${name}, a parameter of the connector"),
}


def expression_mistakes(
    connection: duckdb.DuckDBPyConnection, feed: Feed, columns: Sequence[str] = ()
) -> list[UserError]:
    """What is wrong with the feed's expressions as such; the export's columns, where known, tell what was meant."""
    where = f"{feed.connector_file}, exports.{feed.export}.entities.{feed.entity}"
    forbidden = _forbidden_functions(connection)
    return [
        mistake
        for name, sql in feed.mapping.expressions.items()
        for mistake in _mistakes_of(connection, f"{where}.{_place(feed, name)}", sql, forbidden, columns)
    ]


def _place(feed: Feed, name: str) -> str:
    return f"columns.{name}" if name in feed.mapping.columns else name


@lru_cache(maxsize=1)
def _forbidden_functions(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Aggregates, and functions whose value depends on more than their arguments."""
    rows = connection.execute(
        "select distinct function_name from duckdb_functions() where function_type = 'aggregate' or stability <> 'CONSISTENT'"
    )
    return _FORBIDDEN | {str(row[0]) for row in rows.fetchall()}


def with_quoted_names(feed: Feed, columns: tuple[str, ...]) -> Feed:
    """The feed with every right side that is just the name of a column quoted, so that `order` or `Order ID` work."""
    named = columns + _lacking(columns, feed)
    quoted = {name: _quoted(sql, named) for name, sql in feed.mapping.columns.items()}
    return feed.model_copy(update={"mapping": feed.mapping.model_copy(update={"columns": quoted})})


def _lacking(columns: tuple[str, ...], feed: Feed) -> tuple[str, ...]:
    """Optional columns that these do not hold."""
    there = {one.lower() for one in columns}
    return tuple(one for one in feed.mapping.optional if one.lower() not in there)


def _mistakes_of(
    connection: duckdb.DuckDBPyConnection, place: str, sql: str, forbidden: set[str], columns: Sequence[str]
) -> Iterator[UserError]:
    if is_written_bare(sql):
        return  # a column's name; whether the export has it is seen when its columns are
    tree = _parsed(connection, sql)
    if tree is None:
        action = _meant(connection, sql, columns) or "correct it"
        yield UserError("this is not an SQL expression", where=place, found=sql, action=action)
        return
    for node in _nodes(tree):
        function = str(node.get("function_name", "")).lower()
        if node.get("class") in _MAY_NOT:
            what, expected = _MAY_NOT[str(node["class"])]
            yield UserError(f"a mapping may not {what}", where=place, found=sql, expected=expected)
        elif function in forbidden or _CLOCK & {str(name).lower() for name in node.get("column_names", [])}:
            found = function or str(node["column_names"][-1])
            yield UserError(
                "a mapping may not use this function", where=place, found=found, expected="functions of the row alone"
            )


def _meant(connection: duckdb.DuckDBPyConnection, sql: str, columns: Sequence[str]) -> str:
    """What makes an expression of this, where names of columns lack their double quotes; else nothing."""

    def is_sql(one: str) -> bool:
        return _parsed(connection, one) is not None

    if written := quotes_left_out(sql, columns, is_sql):
        return f"write the column's name in double quotes: {written}"
    names = names_of_words(sql, is_sql)
    if names and columns:
        return f"it {missing(names[0], columns)}; such a name stands in double quotes: {ident(nearest(names[0], columns) or names[0])}"
    return f"if {names[0]} is a column, write its name in double quotes: {ident(names[0])}" if names else ""


def _parsed(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Any] | None:
    """The one select list item as a syntax tree; None when it is anything else than one expression."""
    statement = f"select ({sql}\n)"
    row = connection.execute("select json_serialize_sql(?::varchar)", [statement]).fetchone()
    tree = json.loads(row[0]) if row else {"error": True}
    if tree["error"] or len(tree["statements"]) != 1:
        return None
    node: dict[str, Any] = tree["statements"][0]["node"]
    if node.get("type") != "SELECT_NODE" or len(node["select_list"]) != 1 or node["from_table"]["type"] != "EMPTY":
        return None
    return node


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


def columns_read(connection: duckdb.DuckDBPyConnection, sql: str) -> set[str]:
    """Names of the export's columns an expression reads; what is no expression is a column's bare name itself."""
    tree = _parsed(connection, sql)
    if tree is None:
        return {sql}
    # The bare name e-mail parses too, as a difference
    bare = {sql} if is_written_bare(sql) else set()
    return bare | {str(node["column_names"][-1]) for node in _nodes(tree) if node.get("class") == "COLUMN_REF"}


def unmapped(name: str) -> str:
    """Name of the rule that an expression which fails on a row breaks."""
    return f"mapping:{name}"


def landed_sql(files: Sequence[Path], columns: tuple[str, ...], feed: Feed) -> str:
    """Rows landed in these files, all with these columns: cells that mean nothing turned to null, others untouched.

    Each row has the _load_id of its file; a delivery's position is that of its load id among those loaded together.
    Where the mapping says each, it is one row per element: `each` is its JSON text, `_element` its place, from 1 on.
    """
    nulls = texts(("", *feed.read.null))
    cells = ", ".join([
        *(
            f"case when trim({ident(one)}, ' ' || chr(9) || chr(160)) not in ({nulls}) then {ident(one)} end as {ident(one)}"
            for one in columns
        ),
        *(f"cast(null as VARCHAR) as {ident(one)}" for one in _lacking(columns, feed)),
    ])  # fmt: skip
    columns += _lacking(columns, feed)
    paths = texts(str(one) for one in files)
    rows = f"select {cells}, _source_row, {load_id_of_file()} as _load_id from read_parquet([{paths}], filename = true)"
    return (
        _elements_sql(rows, columns, feed)
        if feed.mapping.each
        else f"select *, null as _element, {_NO_FAULT} from ({rows})"
    )


def _elements_sql(rows: str, columns: tuple[str, ...], feed: Feed) -> str:
    """One row per element of the array; none where there is no array or an empty one, one with a fault for anything else."""
    others = idents(one for one in columns if one.lower() != ELEMENT)
    listed = """case when _fault is not null then [null] when _array is null or json_type(_array) = 'NULL' then []
        else cast(json_extract(_array, '$[*]') as VARCHAR[]) end"""
    return f"""
        select {others}{", " if others else ""}_source_row, _load_id, _fault, unnest(_listed) as {ELEMENT},
            generate_subscripts(_listed, 1) as _element
        from (select *, {listed} as _listed from ({_arrays_sql(rows, columns, feed)}))
    """


def _arrays_sql(rows: str, columns: tuple[str, ...], feed: Feed) -> str:
    """Rows with their `_array`, and `_fault` where what should be one is none."""
    sql = _quoted(str(feed.mapping.each), columns)
    kind = "case when json_valid(_array) then json_type(_array) end"
    fault = f"""case when _tried is null then {text(unmapped(ELEMENT))}
        when _array is not null and coalesce({kind}, '') not in ('ARRAY', 'NULL') then {text(NOT_AN_ARRAY)} end"""
    return f"""
        select *, {fault} as _fault
        from (select *, _tried.v as _array from (select *, try({{'v': cast(({sql}) as VARCHAR)}}) as _tried from ({rows})))
    """


def array_lengths_sql(files: Sequence[Path], columns: tuple[str, ...], feed: Feed) -> str:
    """By load id how many rows each makes of the rows in these files, found by adding up the lengths of the arrays."""
    plain = feed.model_copy(update={"mapping": feed.mapping.model_copy(update={"each": None})})
    rows = f"select * exclude (_element, _fault) from ({landed_sql(files, columns, plain)})"
    length = "case when _fault is not null then 1 else coalesce(json_array_length(_array), 0) end"
    return f"select _load_id, sum({length}) from ({_arrays_sql(rows, columns, feed)}) group by all"


def worked_out(connection: duckdb.DuckDBPyConnection, run: Callable[[], T]) -> T:
    """What `run` gives, which works out mapping expressions, each of them wrapped in TRY.

    Where a part of an expression stands twice, DuckDB works it out once and before TRY, whose error then is everybody's.
    So after an error it is run once more without that, which is slower; an error that is still there is raised.
    """
    try:
        return run()
    except _FAILURES:
        connection.execute("set disabled_optimizers = 'common_subexpressions'")
        try:
            return run()
        finally:
            connection.execute("reset disabled_optimizers")


def load_id_of_file() -> str:
    """A landed file lies in a folder named by its load id."""
    return "split_part(filename, '/', -2)"


def check_columns(
    connection: duckdb.DuckDBPyConnection, landed: str, columns: tuple[str, ...], feed: Feed, file: str
) -> None:
    """Bind every expression to the export's columns; raises RefusedDelivery naming all that do not fit."""
    wrong = [
        f"{name} {mistake}"
        for name, sql in feed.mapping.expressions.items()
        if (mistake := _misfit(connection, name, sql, columns + _lacking(columns, feed), feed)) is not None
    ]
    if wrong:
        raise RefusedDelivery(
            f"the export does not fit the mapping to {feed.entity}",
            where=file,
            found=f"the columns {', '.join(columns)}",
            expected="; ".join(wrong),
            action=f"correct the export, or exports.{feed.export} in {feed.connector_file}",
        )


def _misfit(
    connection: duckdb.DuckDBPyConnection, name: str, sql: str, columns: tuple[str, ...], feed: Feed
) -> str | None:
    """Why an expression cannot be worked out over these columns; None where it can."""
    known = [one for one in columns if name == ELEMENT or feed.mapping.each is None or one.lower() != ELEMENT]
    known += [ELEMENT] if feed.mapping.each and name != ELEMENT else []
    if sql.strip().lower() in _CLOCK - {one.lower() for one in columns}:
        return f"needs the column {sql.strip()!r}"
    cells = ", ".join(f"cast(null as VARCHAR) as {ident(one)}" for one in known)
    quoted = _quoted(sql, columns)
    try:
        row = connection.execute(f"describe select try({{'v': ({quoted})}}).v as v from (select {cells})").fetchone()
    except duckdb.Error as error:
        return _told(connection, sql, columns, error)
    type_ = str(row[1]) if row else ""
    if name == ELEMENT and type_ not in ("VARCHAR", "JSON"):
        return f"gives {type_} where the text of a JSON array is needed; write to_json({sql})"
    return None


def _told(connection: duckdb.DuckDBPyConnection, sql: str, columns: tuple[str, ...], error: duckdb.Error) -> str:
    """What is wrong with an expression that DuckDB will not bind to these columns."""
    absent = re.search(r'Referenced column "(.+?)" not found', str(error))
    is_name = is_written_bare(sql) and not is_plain(sql) and not sql.strip().isdecimal()
    if is_name and (nearest(sql, columns) if absent else _parsed(connection, sql) is None):
        return missing(sql, columns)
    if absent is None:
        return f"is wrong: {str(error).splitlines()[0]}"
    written = quotes_left_out(sql, [one for one in columns if not is_plain(one)], lambda one: True)
    return f"needs {written} in double quotes" if written else missing(absent[1], columns)


def _quoted(sql: str, columns: tuple[str, ...]) -> str:
    return ident(sql) if sql in columns else sql
