"""Functions of mappings on what exports really hold; the usual cases stand in docs/mapping.md."""

import duckdb
import pytest

from pipeline.warehouse import memory_database


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return memory_database()


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("number('1,234')", "1234.0000"),
        ("number('1.234', ',')", "1234.0000"),
        ("number('12,5 %', ',')", "0.1250"),
        ("number('Rs. 1,00,000')", "100000.0000"),
        ("number('5.000055')", "5.0001"),
        ("number(7)", "7.0000"),
        ("number('12,34')", None),
        ("number('99999999999999999')", None),
        ("number('')", None),
        ("number(null)", None),
        ("minor_units('19.5', 'USD')", "0.1950"),
        ("minor_units('-100', ' eur ')", "-1.0000"),
        ("minor_units(null, 'usd')", None),
        ("minor_units('5', null)", None),
        ("epoch_s('1653679818.347')", "2022-05-27T19:30:18.347000Z"),
        ("epoch_s('-1')", "1969-12-31T23:59:59.000000Z"),
        ("epoch_ms(1653679818347)", "2022-05-27T19:30:18.347000Z"),
        ("epoch_us(null)", None),
        ("parameter(null::varchar, 'a')", None),
        ("""parameter('[{"key":"a","value":1},{"key":"a","value":2}]', 'a')""", "1"),
        ("""parameter('[{"key":"a","value":{"double_value":1.5}}]', 'a')""", "1.5"),
        ("""parameter('[{"key":"a"}, 7, null]', 'a')""", None),
        (
            """entries('{"a\\"b": {"c": [1]}, "n": null}')""",
            '[{"key":"a\\"b","value":{"c":[1]}},{"key":"n","value":null}]',
        ),
        ("entries('{}')", "[]"),
        ("entries(null)", None),
        ("url_path('/only/path?x')", "/only/path"),
        ("url_path('https://shop.example')", None),
        ("url_path('https://shop.example/#top')", "/"),
        ("url_parameter('https://a.example/?xutm_source=1#?utm_source=2', 'utm_source')", None),
        ("url_parameter('?a=1&b=%E4%B8%AD', 'b')", "中"),
        ("url_parameter('?a.b=1', 'a.b')", "1"),
        ("slug('  Co.-op / 付费 ')", "co_op_付费"),
        ("slug('--')", None),
    ],
)
def test_a_function_of_mappings(connection: duckdb.DuckDBPyConnection, sql: str, expected: str | None) -> None:
    assert connection.execute(f"select cast(({sql}) as varchar)").fetchone() == (expected,)


@pytest.mark.parametrize(
    "sql",
    ["minor_units(t, 'usd')", "epoch_s(t)", "epoch_ms(t)", "epoch_us(t)", "parameter(t, 'a')", "entries(t)"],
)
@pytest.mark.parametrize("text", ["abc", "99999999999999999999999999"])
def test_what_cannot_be_worked_out_is_an_error_and_no_gap(
    connection: duckdb.DuckDBPyConnection, sql: str, text: str
) -> None:
    row = connection.execute(f"select try({{'v': {sql}}}) from (select '{text}' as t)").fetchone()
    assert row in [(None,), ({"v": None},)]
    assert row == (None,) or (sql.startswith("parameter") and text != "abc")


def test_macros_are_there_for_every_cursor_and_stay(connection: duckdb.DuckDBPyConnection) -> None:
    assert connection.cursor().execute("select main.number('7')").fetchone() is not None
