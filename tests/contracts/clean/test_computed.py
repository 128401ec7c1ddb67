"""Columns an expression computes beside columns as they stand: what is a number or a day already is no text to be read."""

from decimal import Decimal
from typing import Any

import pytest

from pipeline.connector import Read
from tests.contracts.clean.test_outcomes import outcomes
from tests.deliveries import Loader, make_feed

GERMAN = Read(decimal=",", thousands=".")
COMPUTED = {
    "order_line_id": "id",
    "order_id": "ord",
    "quantity": "n",
    "unit_price": "price",
    "amount": "number(price, ',') * number(n, ',')",
    "cost": "try_cast(replace(off, ',', '.') as double)",
    "currency": "'EUR'",
}
LINES = "\n".join([
    "id | ord | n | price | off",
    "1 | A | 2 | 1.204,50 | 0,5",
    "2 | A | 3 | 9,90 |",
    "3 | B | 1.000 | 1.000 | 1e-3",
])  # fmt: skip
READ_LINES = [
    ("1", 2, Decimal("1204.5000"), Decimal("2409.0000"), Decimal("0.5000")),
    ("2", 3, Decimal("9.9000"), Decimal("29.7000"), None),
    ("3", 1000, Decimal("1000.0000"), Decimal("1000000.0000"), Decimal("0.0010")),
]


@pytest.mark.parametrize("distinct", [False, True])
def test_a_computed_amount_is_not_read_with_the_exports_separators_again(loader: Loader, distinct: bool) -> None:
    feed = make_feed("finance.order_lines", COMPUTED, read=GERMAN, distinct=distinct)
    assert loader.load(LINES, feed).status == "loaded"
    assert outcomes(loader)["clean"] == 3
    found = "select order_line_id, quantity, unit_price, amount, cost from clean.finance__order_lines order by 1"
    assert loader.rows(found) == READ_LINES


def test_files_with_other_columns_are_read_alike_in_one_batch(loader: Loader) -> None:
    feed = make_feed("finance.order_lines", COMPUTED, read=GERMAN, optional=("off",))
    bare = loader.land("id | ord | n | price\n4 | C | 1 | 2.000,25", file="bare.csv")
    assert [one.status for one in loader.load_all([loader.land(LINES), bare], feed)] == ["loaded", "loaded"]
    found = loader.rows("select amount from clean.finance__order_lines order by order_line_id")
    assert found == [*((row[3],) for row in READ_LINES), (Decimal("2000.2500"),)]


@pytest.mark.parametrize(
    ("expression", "read", "expected"),
    [
        # Read as text, these say the day of the month first
        ("date '2031-02-01'", {"dates": ["%Y-%d-%m"]}, "2031-02-01 05:00:00"),
        ("make_timestamp(2031, 2, 1, 10, 0, 0)", {"timestamps": ["%Y-%d-%m %H:%M:%S"]}, "2031-02-01 15:00:00"),
        ("timestamptz '2031-02-01 10:00:00+02'", {"timestamps": ["%Y-%d-%m %H:%M:%S+00"]}, "2031-02-01 08:00:00"),
        ("strptime(day, '%m/%d/%Y')", {"dates": ["%Y-%d-%m %H:%M:%S"]}, "2031-02-01 05:00:00"),
        # Texts and numbers are none of these
        ("'2031-02-01'", {"dates": ["%Y-%d-%m"]}, "2031-01-02 05:00:00"),
        ("1927602300", {"timestamps": ["epoch_s"]}, "2031-01-31 05:05:00"),
    ],
)
def test_what_is_a_day_or_a_time_already_is_not_read_in_the_exports_forms(
    loader: Loader, expression: str, read: dict[str, Any], expected: str
) -> None:
    columns = {"order_id": "id", "status": "'paid'", "ordered_at": expression, "amount": "'1'", "currency": "'USD'"}
    feed = make_feed("finance.orders", columns, read=Read(**read))
    assert loader.load("id | day\n1 | 02/01/2031", feed).status == "loaded"
    assert loader.rows("select ordered_at::varchar from clean.finance__orders") == [(expected,)]


def test_a_day_beyond_all_reason_is_refused_whoever_made_it(loader: Loader) -> None:
    columns = {"order_id": "id", "status": "'paid'", "ordered_at": "make_date(31, 2, 1)", "amount": "'1'"}
    feed = make_feed("finance.orders", columns | {"currency": "'USD'"}, read=Read(dates=("%d.%m.%y",)))
    assert "cast:ordered_at" in str(loader.load("id\n1", feed).reason)
