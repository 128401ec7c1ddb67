"""Expressions of connectors: which are refused before any row is seen, and which do not fit an export."""

from typing import Any

import duckdb
import pytest

from pipeline.clean.mapping import check_columns, columns_read, expression_mistakes, landed_sql
from pipeline.errors import RefusedDelivery
from pipeline.warehouse import memory_database
from tests.deliveries import make_feed


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return memory_database()


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("(select id from other)", "may not query anything"),
        ("row_number() over ()", "may not look at other rows"),
        ("columns('a.*')", "may not stand for several columns"),
        ("id = ?", "may not have a placeholder"),
        *((sql, "may not use this function") for sql in ("sum(id)", "now()", "random()", "getenv('HOME')", "unnest([id])")),
        *((sql, "may not use this function") for sql in ("id || current_date", "error(id)", "coalesce(id, uuid())", "age(id)")),
        ("id +", "is not an SQL expression"),
        ("1; drop table x", "is not an SQL expression"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["columns.order_id", "where", "each"])
def test_an_expression_may_not_look_beyond_its_row(
    connection: duckdb.DuckDBPyConnection, sql: str, said: str, place: str
) -> None:
    options: dict[str, Any] = {place: sql} if place in ("where", "each") else {}
    feed = make_feed("finance.orders", {"order_id": "id" if options else sql}, **options)
    [mistake] = expression_mistakes(connection, feed)
    assert said in str(mistake)
    assert f"finance.orders.{place}" in str(mistake)


def fits(connection: duckdb.DuckDBPyConnection, columns: tuple[str, ...], sql: str, **options: Any) -> str | None:
    try:
        check_columns(connection, "", columns, make_feed("finance.orders", {"order_id": sql}, **options), "file.csv")
    except RefusedDelivery as error:
        return str(error)
    return None


@pytest.mark.parametrize(
    ("sql", "options"),
    [
        ("id", {}),
        ("Order ID", {}),
        ("order", {}),
        ('upper("Order ID")', {}),
        ("parameter(id, 'x')", {}),
        ("each->>'id'", {"each": "items"}),
        ("id || (each->>'id')", {"each": "ITEMS->'data'"}),
        ("each", {"each": "each"}),
        ("id", {"where": "items <> ''"}),
    ],
)
def test_an_expression_over_columns_that_are_there_fits(
    connection: duckdb.DuckDBPyConnection, sql: str, options: dict[str, Any]
) -> None:
    assert fits(connection, ("id", "Order ID", "order", "items", "each"), sql, **options) is None


@pytest.mark.parametrize(
    ("sql", "options", "said"),
    [
        ("total", {}, "order_id needs the column 'total'"),
        ("each->>'id'", {}, "order_id needs the column 'each'"),
        ("current_date", {}, "order_id needs the column 'current_date'"),
        ("id", {"where": "state = 'x'"}, "where needs the column 'state'"),
        ("id", {"each": "lines"}, "each needs the column 'lines'"),
        ("id", {"each": "string_split(items, ',')"}, "gives VARCHAR[] where the text of a JSON array is needed"),
        ("upper(1, 2)", {}, "order_id is wrong"),
    ],
)
def test_an_expression_that_does_not_fit_is_named(
    connection: duckdb.DuckDBPyConnection, sql: str, options: dict[str, Any], said: str
) -> None:
    assert said in str(fits(connection, ("id", "items"), sql, **options))


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("Order Nr", "needs the column 'Order Nr', and 'Order No' is the nearest there is;"),
        ("order-no", "needs the column 'order-no', and 'Order No' is the nearest there is;"),
        ("Net_total", "needs the column 'Net_total', and 'Net-Total' is the nearest there is;"),
        ("number(Net-Total)", 'needs "Net-Total" in double quotes;'),
        ("number(Net-Totl)", "needs the column 'Net';"),
        ("upper(Quite Other)", "Parser Error"),
        ("Quite Other", "needs the column 'Quite Other';"),
        ("coalesce(\"Order Nr\", 'x')", "needs the column 'Order Nr', and 'Order No' is the nearest there is;"),
    ],
)
def test_a_name_that_is_not_there_is_told_with_the_nearest(
    connection: duckdb.DuckDBPyConnection, sql: str, said: str
) -> None:
    assert said in str(fits(connection, ("Order No", "Net-Total", "order"), sql))


@pytest.mark.parametrize(
    ("sql", "columns", "said"),
    [
        ("upper(Order No)", ("Order No", "No"), 'write the column\'s name in double quotes: "Order No"'),
        ("'Order No ' || Order No", ("Order No",), 'write the column\'s name in double quotes: "Order No"'),
        ("upper(order)", ("order", "id"), 'write the column\'s name in double quotes: "order"'),
        ("number(Total €)", ("Total €",), 'write the column\'s name in double quotes: "Total €"'),
        ("upper(Order Nr)", ("Order No",), ("it needs the column 'Order Nr', and 'Order No' is the nearest there is;"
         ' such a name stands in double quotes: "Order No"')),
        ("upper(Order Nr)", (), 'if Order Nr is a column, write its name in double quotes: "Order Nr"'),
        ("case when Net Total > 0 then id end", (), 'if Net Total is a column, write its name in double quotes: "Net Total"'),
        ("(id", ("id",), "to do: correct it"),
        ("id +", (), "to do: correct it"),
        ("case when (id) id then id end end", (), "to do: correct it"),
    ],
)  # fmt: skip
def test_a_name_without_the_quotes_it_needs_is_told(
    connection: duckdb.DuckDBPyConnection, sql: str, columns: tuple[str, ...], said: str
) -> None:
    [mistake] = expression_mistakes(connection, make_feed("finance.orders", {"order_id": sql}), columns)
    assert "this is not an SQL expression" in str(mistake)
    assert str(mistake).endswith(said)


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("id", {"id"}),
        ("Order ID", {"Order ID"}),
        ("lower(a) || b", {"a", "b"}),
        ("'x'", set()),
        ("each->>'a'", {"each"}),
    ],
)
def test_the_columns_an_expression_reads(connection: duckdb.DuckDBPyConnection, sql: str, columns: set[str]) -> None:
    assert columns_read(connection, sql) == columns


def test_an_optional_column_may_be_lacking_and_no_other(connection: duckdb.DuckDBPyConnection) -> None:
    lacks = {"optional": ("Total clicks", "views")}
    assert fits(connection, ("id",), 'coalesce("Total clicks", views, id)', **lacks) is None
    assert fits(connection, ("id",), "Total clicks", **lacks) is None
    assert "order_id needs the column 'likes'" in str(fits(connection, ("id",), "coalesce(views, likes)", **lacks))
    feed = make_feed("finance.orders", {"order_id": "id"}, **lacks)
    sql = landed_sql([], ("id", "VIEWS"), feed)
    assert 'cast(null as VARCHAR) as "Total clicks"' in sql
    assert 'cast(null as VARCHAR) as "views"' not in sql
