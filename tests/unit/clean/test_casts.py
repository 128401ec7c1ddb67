"""Text becomes typed values: what is read, what is refused, and how local times become UTC."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clean.casts import cast_sql, is_rounded, is_unusual_local_time, local_time
from pipeline.connector import Read
from pipeline.contracts import ColumnType
from pipeline.sources import Feed
from pipeline.warehouse import memory_database
from tests.deliveries import make_feed

CONNECTION = memory_database()


def cast(text: str, type_: ColumnType, feed: Feed) -> Any:
    sql = f"select {cast_sql('t', 'l', type_, feed)} from (select t, {local_time('t', feed)} as l from (select ?::varchar as t))"
    row = CONNECTION.execute(sql, [text]).fetchone()
    assert row is not None
    return row[0]


def feed_with(zone: str = "America/New_York", **read: Any) -> Feed:
    return make_feed("finance.orders", {"order_id": "id"}, zone=zone, read=Read(**read))


@pytest.mark.parametrize(
    ("text", "type_", "expected"),
    [
        ("12", "integer", 12),
        ("12.0", "integer", 12),
        ("12.5", "integer", None),
        ("-7", "integer", -7),
        ("1_000", "integer", None),
        ("twelve", "integer", None),
        ("19.99", "money", Decimal("19.9900")),
        ("(19.99)", "money", Decimal("-19.9900")),
        ("12,50", "money", None),
        ("1e3", "number", 1000.0),
        ("nan", "number", None),
        ("inf", "number", None),
        ("Yes", "boolean", True),
        ("0", "boolean", False),
        ("maybe", "boolean", None),
        ("2031-02-28", "date", date(2031, 2, 28)),
        ("2031-02-30", "date", None),
        ("2031-13-01", "date", None),
        ("28.02.2031", "date", None),
    ],
)
def test_a_text_is_read_or_refused_never_guessed(text: str, type_: ColumnType, expected: object) -> None:
    assert cast(text, type_, feed_with()) == expected


@pytest.mark.parametrize(
    ("text", "read", "type_", "expected"),
    [
        ("1.234,50", {"decimal": ",", "thousands": "."}, "money", Decimal("1234.5000")),
        ("1,234.50", {"thousands": ","}, "money", Decimal("1234.5000")),
        ("28.02.2031", {"dates": ["%d.%m.%Y"]}, "date", date(2031, 2, 28)),
        ("30.02.2031", {"dates": ["%d.%m.%Y"]}, "date", None),
        ("28/02/2031 23:30", {"timestamps": ["%d/%m/%Y %H:%M"]}, "timestamp", datetime(2031, 3, 1, 4, 30)),
        ("28/02/2031 23:30", {"timestamps": ["%d/%m/%Y %H:%M"]}, "date", date(2031, 2, 28)),
    ],
)
def test_a_connector_says_how_its_export_writes_values(
    text: str, read: dict[str, Any], type_: ColumnType, expected: object
) -> None:
    assert cast(text, type_, feed_with(**read)) == expected


@pytest.mark.parametrize(
    ("text", "zone", "utc", "business_date"),
    [
        ("2031-01-31 23:30:00", "America/New_York", datetime(2031, 2, 1, 4, 30), date(2031, 1, 31)),
        ("2031-01-31 23:30:00", "Asia/Shanghai", datetime(2031, 1, 31, 15, 30), date(2031, 1, 31)),
        ("2031-02-01 03:00:00", "Asia/Shanghai", datetime(2031, 1, 31, 19, 0), date(2031, 1, 31)),
        ("2031-02-01T03:00:00Z", "Asia/Shanghai", datetime(2031, 2, 1, 3, 0), date(2031, 1, 31)),
        ("2031-02-01 03:00:00+08:00", "America/New_York", datetime(2031, 1, 31, 19, 0), date(2031, 1, 31)),
        ("2031-03-09 02:30:00", "America/New_York", datetime(2031, 3, 9, 6, 30), date(2031, 3, 9)),
        ("2031-11-02 01:30:00", "America/New_York", datetime(2031, 11, 2, 6, 30), date(2031, 11, 2)),
    ],
    ids=["late evening", "ahead", "other day", "with Z", "with offset", "does not exist", "exists twice"],
)
def test_times_become_utc_and_business_dates_of_the_company(
    text: str, zone: str, utc: datetime, business_date: date
) -> None:
    assert cast(text, "timestamp", feed_with(zone)) == utc
    assert cast(text, "date", feed_with(zone)) == business_date


def test_a_plain_date_is_never_shifted() -> None:
    assert cast("2031-02-01", "date", feed_with("Asia/Shanghai")) == date(2031, 2, 1)


@pytest.mark.parametrize(
    ("text", "unusual"),
    [
        ("2031-03-09 02:30:00", True),
        ("2031-11-02 01:30:00", True),
        ("2031-11-02 00:30:00", False),
        ("2031-07-01 12:00:00", False),
    ],
)
def test_local_times_that_do_not_exist_or_exist_twice_are_counted(text: str, unusual: bool) -> None:
    feed = feed_with()
    utc = cast_sql("t", "l", "timestamp", feed)
    local = f"select t, {local_time('t', feed)} as l from (select ?::varchar as t)"
    sql = f"select {is_unusual_local_time('l', 'u', feed)} from (select *, {utc} as u from ({local}))"
    assert CONNECTION.execute(sql, [text]).fetchone() == (unusual,)


@given(
    st.datetimes(datetime(1995, 1, 1), datetime(2045, 1, 1)),
    st.sampled_from(["America/New_York", "Europe/Berlin", "Australia/Lord_Howe"]),
)
def test_ordinary_local_times_agree_with_python(local: datetime, zone: str) -> None:
    local = local.replace(microsecond=0)
    aware = local.replace(tzinfo=ZoneInfo(zone), fold=1)
    is_ordinary = aware.utcoffset() == aware.replace(fold=0).utcoffset()
    if is_ordinary:
        assert cast(local.isoformat(" "), "timestamp", feed_with(zone)) == aware.astimezone(UTC).replace(tzinfo=None)


@pytest.mark.parametrize(("text", "rounded"), [("19.9999", False), ("19.99999", True), ("20", False)])
def test_money_beyond_four_decimals_is_counted_as_rounded(text: str, rounded: bool) -> None:
    assert CONNECTION.execute(
        f"select {is_rounded('t', feed_with())} from (select ?::varchar as t)", [text]
    ).fetchone() == (rounded,)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_money_keeps_every_digit(amount: Decimal) -> None:
    assert cast(f"{amount:f}", "money", feed_with()) == amount
