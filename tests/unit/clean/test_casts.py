"""Numbers and booleans: which texts are read, which are refused, and what their reason says."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.clean.casts import cast_sql, form_sql, is_rounded
from pipeline.contracts import ColumnType
from tests.unit.clean.casting import CONNECTION, cast, feed_with, formed, reason, value

MONEY = Decimal("0.0001")
DECIMAL_COMMA = {"decimal": ",", "thousands": "."}


@pytest.mark.parametrize(
    ("text", "type_", "expected"),
    [
        ("12", "integer", 12),
        ("12.0", "integer", 12),
        ("12.5", "integer", None),
        ("-7", "integer", -7),
        ("1e3", "integer", 1000),
        ("1.5e1", "integer", 15),
        ("1_000", "integer", None),
        ("$5", "integer", None),
        ("50%", "integer", None),
        ("99999999999999999999", "integer", None),
        ("twelve", "integer", None),
        ("19.99", "money", Decimal("19.9900")),
        ("12,50", "money", None),
        ("12%", "money", None),
        ("999999999999999", "money", None),
        ("1e3", "number", 1000.0),
        ("12.5%", "number", 0.125),
        ("(12.3 %)", "number", -0.123),
        ("nan", "number", None),
        ("inf", "number", None),
        ("1e999", "number", None),
        ("0x1A", "number", None),
        ("Yes", "boolean", True),
        ("0", "boolean", False),
        ("是", "boolean", True),
        ("maybe", "boolean", None),
    ],
)
def test_a_text_is_read_or_refused_never_guessed(text: str, type_: ColumnType, expected: object) -> None:
    assert cast(text, type_, feed_with()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, "28.1600") for text in ("¥28.16", "￥28.16", "28.16元", "CNY 28.16", "RMB28.16", "28.16 CNY", "￥２８．１６")),
        *((text, "5.0000") for text in ("$5", "US$ 5.00", "5.00 USD", "$5.00 USD", "5 kr", "kr. 5", "CHF 5.–", "€5", "5 €", "R$5")),
        *((text, "-5.0000") for text in ("-5", "(5)", "5-", "−5", "- 5", "$-5", "-$5", "($5.00)", "$(5.00)", "5.00-", "€ -5")),
        *((text, "1234.5000") for text in ("1,234.50", "1 234.50", "1\u00a0234.50", "1\u202f234.50", "1'234.50", "1’234.50")),
        ("1,234,567", "1234567.0000"),
        ("₹1,23,456.78", "123456.7800"),
        # Nothing of these says what it is
        *((text, None) for text in ("1,234", "1.234,50", "1.234.567", "1,2345", "12,34", "1,234,56", "--5", "5¢", "5 PCS", "12 USD 3")),
        *((text, None) for text in ("12USD34", "USD", "$", "-", "()", ".", "5 5.5.5", "5k", "1.2万", "5 CR")),
    ],
)  # fmt: skip
def test_an_amount_as_people_write_it(text: str, expected: str | None) -> None:
    assert cast(text, "money", feed_with()) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("text", "read", "expected"),
    [
        ("1.234,50", DECIMAL_COMMA, "1234.5000"),
        ("1.234", DECIMAL_COMMA, "1234.0000"),
        ("-1.234.567,8 €", DECIMAL_COMMA, "-1234567.8000"),
        ("1.234,50", {"decimal": ","}, "1234.5000"),
        ("1.234", {"decimal": ","}, None),
        ("1,5", {"decimal": ","}, "1.5000"),
        ("1.5", {"decimal": ","}, None),
        ("1,234", {"thousands": ","}, "1234.0000"),
        ("1,234.50", {"thousands": ","}, "1234.5000"),
        ("1_234", {"thousands": "_"}, "1234.0000"),
        ("1^234", {"thousands": "^"}, "1234.0000"),
        ("12_34", {"thousands": "_"}, None),
    ],
)
def test_a_connector_says_which_signs_its_numbers_have(text: str, read: dict[str, Any], expected: str | None) -> None:
    assert cast(text, "money", feed_with(**read)) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("text", "type_", "said"),
    [
        ("1,234", "money", "read.thousands or read.decimal of the export has to say what , is"),
        ("1.234,5", "money", "is no number with . as decimal sign"),
        ("5%", "money", "is a share, and money is needed"),
        ("5.5", "integer", "is not whole"),
        ("99999999999999999999", "money", "is more than a column of type money holds"),
        ("x", "number", "is no number"),
        ("maybe", "boolean", "is none of true, t, yes"),
    ],
)
def test_a_reason_says_what_was_found_and_what_would_do(text: str, type_: ColumnType, said: str) -> None:
    assert cast(text, type_, feed_with()) is None
    assert reason(text, type_, feed_with()).startswith(f'x: "{text}" ')
    assert said in reason(text, type_, feed_with())


@pytest.mark.parametrize(
    ("text", "rounded"),
    [("19.9999", False), ("19.99999", True), ("19.99990", False), ("20", False), ("1e-5", True), ("1e2", False)],
)
def test_money_beyond_four_decimals_is_counted_as_rounded(text: str, rounded: bool) -> None:
    assert value(f"{is_rounded('f')} from {formed(text, 'money', feed_with())}") is rounded


@settings(max_examples=settings().max_examples // 4)
@given(st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=6), min_size=1, max_size=60))
def test_money_keeps_every_digit_it_can_hold(amounts: list[Decimal]) -> None:
    feed = feed_with()
    form = form_sql("t", "money", feed)
    found = CONNECTION.execute(
        f"select {cast_sql('f', 'null', 'money', feed)} from (select {form} as f from (select unnest(?::varchar[]) as t))",
        [[f"{amount:f}" for amount in amounts]],
    ).fetchall()
    assert [row[0] for row in found] == [amount.quantize(MONEY, ROUND_HALF_UP) for amount in amounts]


@settings(max_examples=2 * settings().max_examples // 5)
@given(
    st.lists(st.text(), max_size=60), st.sampled_from(["integer", "number", "money", "boolean", "date", "timestamp"])
)
def test_no_text_raises(texts: list[str], type_: ColumnType) -> None:
    feed = feed_with(timestamps=("epoch_ms", "%d/%m/%Y %H:%M %z"), dates=("%d/%m/%y",))
    said = [text for text in texts if "\0" not in text]
    form = f"select {form_sql('t', type_, feed)} as f from (select unnest(?::varchar[]) as t)"
    CONNECTION.execute(f"select {cast_sql('f', 'null::timestamp', type_, feed)} from ({form})", [said])
