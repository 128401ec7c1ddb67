"""Casts one text as a load does: to its form, to its local time, to its type."""

from typing import Any

from pipeline.clean.casts import cast_sql, form_sql
from pipeline.clean.moments import local_time
from pipeline.clean.reasons import cast_reason
from pipeline.connector import Read
from pipeline.contracts import Column, ColumnType
from pipeline.sources import Feed
from pipeline.warehouse import memory_database
from tests.deliveries import make_feed

CONNECTION = memory_database()


def feed_with(zone: str = "America/New_York", **read: Any) -> Feed:
    return make_feed("finance.orders", {"order_id": "id"}, zone=zone, read=Read(**read))


def formed(text: str, type_: ColumnType, feed: Feed) -> str:
    """A row of the text as t, its form as f and its local time as l."""
    local = local_time("f") if type_ in ("date", "timestamp") else "null"
    quoted = text.replace("'", "''")
    return f"(select *, {local} as l from (select t, {form_sql('t', type_, feed)} as f from (select '{quoted}'::varchar as t)))"


def value(sql: str) -> Any:
    row = CONNECTION.execute(f"select {sql}").fetchone()
    assert row is not None
    return row[0]


def cast(text: str, type_: ColumnType, feed: Feed) -> Any:
    return value(f"{cast_sql('f', 'l', type_, feed)} from {formed(text, type_, feed)}")


def reason(text: str, type_: ColumnType, feed: Feed) -> str:
    column = Column(type=type_, description="A column.")
    return str(value(f"{cast_reason('x', column, 't', feed)} from {formed(text, type_, feed)}"))
