"""Mapping expressions: the SQL a connector writes over an export's text columns, checked before it runs.

An expression may compute; it may not read files, query tables or reach the network.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipeline.clean.sql import ident, texts
from pipeline.errors import RefusedDelivery, UserError
from pipeline.sources import Feed

# Functions that look outside the row; sub-queries and table functions are refused as such
_FORBIDDEN = {"getenv", "current_setting", "nextval", "currval", "random", "uuid", "gen_random_uuid", "now", "today"}


def expression_mistakes(connection: duckdb.DuckDBPyConnection, feed: Feed) -> list[UserError]:
    """What is wrong with the feed's expressions as such, before any row is seen."""
    where = f"{feed.connector_file}, exports.{feed.export}.entities.{feed.entity}"
    named = {f"{where}.columns.{name}": sql for name, sql in feed.mapping.columns.items()}
    if feed.mapping.where is not None:
        named[f"{where}.where"] = feed.mapping.where
    return [mistake for place, sql in named.items() for mistake in _mistakes_of(connection, place, sql)]


def with_quoted_names(feed: Feed, columns: tuple[str, ...]) -> Feed:
    """The feed with every right side that is just the name of a column quoted, so that `order` or `Order ID` work."""
    quoted = {name: ident(sql) if sql in columns else sql for name, sql in feed.mapping.columns.items()}
    return feed.model_copy(update={"mapping": feed.mapping.model_copy(update={"columns": quoted})})


def _mistakes_of(connection: duckdb.DuckDBPyConnection, place: str, sql: str) -> Iterator[UserError]:
    if re.fullmatch(r"[\w .-]+", sql):
        return  # a column's name; whether the export has it is seen when its columns are
    tree = _parsed(connection, sql)
    if tree is None:
        yield UserError("this is not an SQL expression", where=place, found=sql, action="correct it")
        return
    for node in _nodes(tree):
        if node.get("class") == "SUBQUERY":
            yield UserError(
                "a mapping may not query anything",
                where=place,
                found=sql,
                expected="an expression over the row's columns",
            )
        elif str(node.get("function_name", "")).lower() in _FORBIDDEN:
            yield UserError(
                "a mapping may not use this function",
                where=place,
                found=str(node["function_name"]),
                expected="functions of the row alone",
            )


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
    return {str(node["column_names"][-1]) for node in _nodes(tree) if node.get("class") == "COLUMN_REF"}


def landed_sql(files: Sequence[Path], columns: tuple[str, ...], feed: Feed) -> str:
    """Rows landed in these files, all with these columns: cells that mean nothing turned to null, others untouched.

    Each row has the _load_id of its file; a delivery's position is that of its load id among those loaded together.
    """
    nulls = texts(("", *feed.read.null))
    cells = ", ".join(
        f"case when trim({ident(one)}) not in ({nulls}) then {ident(one)} end as {ident(one)}" for one in columns
    )
    return f"select {cells}, _source_row, {load_id_of_file()} as _load_id from read_parquet([{texts(str(one) for one in files)}], filename = true)"


def load_id_of_file() -> str:
    """A landed file lies in a folder named by its load id."""
    return "split_part(filename, '/', -2)"


def check_columns(
    connection: duckdb.DuckDBPyConnection, landed: str, columns: tuple[str, ...], feed: Feed, file: str
) -> None:
    """Bind every expression to the export's columns; raises RefusedDelivery naming all that do not fit."""
    wrong = []
    expressions = dict(feed.mapping.columns) | ({"where": feed.mapping.where} if feed.mapping.where else {})
    for name, sql in expressions.items():
        try:
            connection.execute(f"select ({sql}) from ({landed}) limit 0")
        except duckdb.Error as error:
            missing = re.search(r'Referenced column "(.+?)" not found', str(error))
            wrong.append(
                f"{name} needs the column {missing[1]!r}" if missing else f"{name}: {str(error).splitlines()[0]}"
            )
    if wrong:
        raise RefusedDelivery(
            f"the export does not fit the mapping to {feed.entity}",
            where=file,
            found=f"the columns {', '.join(columns)}",
            expected="; ".join(wrong),
            action=f"correct the export, or exports.{feed.export} in {feed.connector_file}",
        )
