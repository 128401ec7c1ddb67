"""Dates and times: what can mean one day only is read, anything else is told; how local times become UTC."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.clean.casts import cast_sql, form_sql
from pipeline.clean.moments import is_plausible, is_unusual_local_time, local_time
from tests.unit.clean.casting import CONNECTION, cast, feed_with, formed, reason, value

DAY = date(2031, 1, 31)
NOON = datetime(2031, 1, 31, 13, 5)


@pytest.mark.parametrize(
    "text",
    [
        *("2031-01-31", "2031-1-31", "2031/1/31", "2031.01.31", "20310131", "31.01.2031", "31. 1. 2031", "２０３１／０１／３１"),
        *("31 Jan 2031", "31-Jan-2031", "31 January 2031", "Jan 31, 2031", "January 31st, 2031", "Fri, 31 Jan 2031"),
        *("2031年1月31日", "2031年01月31日 星期五"),
    ],
)  # fmt: skip
def test_a_date_that_can_mean_one_day_only_is_read(text: str) -> None:
    assert cast(text, "date", feed_with("Asia/Shanghai")) == DAY


@pytest.mark.parametrize(
    "text",
    [
        *("2031-01-31 13:05", "2031-01-31T13:05:00", "2031-01-31 13:05:00.000", "2031-01-31 13:05:00,000", "2031/1/31 13:05"),
        *("31.01.2031 13:05", "20310131 13:05", "20310131130500", "20310131T130500", "2031-01-31 1:05 PM", "2031-01-31 01:05:00 p.m."),
        *("Jan 31, 2031 1:05 PM", "Jan 31, 2031, 13:05:00", "Friday, January 31, 2031 at 1:05 PM", "2031年1月31日 13:05"),
        *("2031年1月31日 下午1:05", "2031年1月31日 13时05分00秒", "２０３１－０１－３１　１３：０５"),
    ],
)  # fmt: skip
def test_a_local_time_that_can_mean_one_moment_only_is_read(text: str) -> None:
    assert cast(text, "timestamp", feed_with("UTC")) == NOON


@pytest.mark.parametrize(
    "text",
    [
        *("2031-01-31T13:05:00Z", "2031-01-31T13:05Z", "2031-01-31 13:05:00 UTC", "2031-01-31 13:05:00+00", "20310131T130500Z"),
        *("2031-01-31 21:05:00 +0800", "2031-01-31T21:05:00+08:00", "2031-01-31 21:05+08", "2031-01-31 9:05 PM +0800"),
        *("Fri, 31 Jan 2031 13:05:00 GMT", "Fri Jan 31 13:05:00 +0000 2031", "31/Jan/2031:13:05:00 +0000"),
    ],
)  # fmt: skip
def test_a_time_with_an_offset_is_what_it_says(text: str) -> None:
    assert cast(text, "timestamp", feed_with("Asia/Tokyo")) == NOON


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("01/02/2031", "may be day or month first"),
        ("31/01/2031", "may be day or month first"),
        ("01-02-31 10:00", "may be day or month first"),
        ("31.01.31", "has a year of two digits"),
        ("31-Jan-31", "has a year of two digits"),
        ("1927602300", "read.timestamps of the export has to say epoch_s"),
        ("47879", "looks like the day number of a spreadsheet"),
        ("2031-02-30", "there is no such day or time"),
        ("2031-13-01", "there is no such day or time"),
        ("20311301", "there is no such day or time"),
        ("2031-01-31 25:00", "there is no such day or time"),
        ("2031-01-31 13:05 PM", "can mean one only"),
        ("Marble 5, 2031", "can mean one only"),
        ("2031-01", "can mean one only"),
        ("soon", "can mean one only"),
    ],
)
def test_any_other_is_refused_and_the_reason_says_what_would_do(text: str, said: str) -> None:
    for feed in (feed_with(), feed_with("UTC")):
        assert cast(text, "date", feed) is None
        assert cast(text, "timestamp", feed) is None
    assert reason(text, "date", feed_with()).startswith(f'x: "{text}" ')
    assert said in reason(text, "date", feed_with())


@pytest.mark.parametrize(
    ("text", "is_one"), [("1899-12-31", False), ("1900-01-01", True), ("9999-12-31", False), ("0000-01-01", False)]
)
def test_years_no_business_knows_are_not_plausible(text: str, is_one: bool) -> None:
    typed = cast_sql("f", "l", "date", feed_with())
    assert value(f"{is_plausible(typed)} from {formed(text, 'date', feed_with())}") is is_one
    if not is_one:
        assert "is outside the years 1900 to 2199" in reason(text, "date", feed_with())


@pytest.mark.parametrize(
    ("text", "read", "day", "moment"),
    [
        ("01/02/2031", {"dates": ["%d/%m/%Y"]}, date(2031, 2, 1), datetime(2031, 2, 1, 5)),
        ("01/02/2031", {"dates": ["%m/%d/%Y"]}, date(2031, 1, 2), datetime(2031, 1, 2, 5)),
        ("30/02/2031", {"dates": ["%d/%m/%Y"]}, None, None),
        ("2031-05-06", {"dates": ["%Y-%d-%m"]}, date(2031, 6, 5), datetime(2031, 6, 5, 4)),
        ("31.01.31", {"dates": ["%d.%m.%y"]}, DAY, datetime(2031, 1, 31, 5)),
        ("31/01/2031 23:30", {"timestamps": ["%d/%m/%Y %H:%M"]}, DAY, datetime(2031, 2, 1, 4, 30)),
        ("31/01/2031 13:05 +0800", {"timestamps": ["%d/%m/%Y %H:%M %z"]}, DAY, datetime(2031, 1, 31, 5, 5)),
        ("1927602300", {"timestamps": ["epoch_s"]}, DAY, datetime(2031, 1, 31, 5, 5)),
        ("1927602300000", {"timestamps": ["epoch_ms"]}, DAY, datetime(2031, 1, 31, 5, 5)),
        ("1927602300000000", {"timestamps": ["epoch_us"]}, DAY, datetime(2031, 1, 31, 5, 5)),
        ("2031-01-31", {"timestamps": ["epoch_s"]}, DAY, datetime(2031, 1, 31, 5)),
        ("soon", {"timestamps": ["epoch_s", "%d/%m/%Y"]}, None, None),
    ],
)
def test_what_the_connector_says_wins(
    text: str, read: dict[str, Any], day: date | None, moment: datetime | None
) -> None:
    assert cast(text, "date", feed_with(**read)) == day
    assert cast(text, "timestamp", feed_with(**read)) == moment


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
    utc = f"(select *, {cast_sql('f', 'l', 'timestamp', feed)} as u from {formed(text, 'timestamp', feed)})"
    assert value(f"{is_unusual_local_time('l', 'u', feed)} from {utc}") is unusual


@settings(max_examples=15 * settings().max_examples // 100)
@given(
    st.lists(st.datetimes(datetime(1995, 1, 1), datetime(2045, 1, 1)), min_size=50, max_size=100),
    st.sampled_from(["America/New_York", "Europe/Berlin", "Australia/Lord_Howe"]),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%b %d, %Y %I:%M:%S %p", "%a %b %d %H:%M:%S %Y"]),
)
def test_ordinary_local_times_agree_with_python(locals_: list[datetime], zone: str, form: str) -> None:
    aware = [local.replace(microsecond=0, tzinfo=ZoneInfo(zone), fold=1) for local in locals_]
    ordinary = [one for one in aware if one.utcoffset() == one.replace(fold=0).utcoffset()]
    feed = feed_with(zone)
    rows = f"(select {form_sql('t', 'timestamp', feed)} as f from (select unnest(?::varchar[]) as t))"
    found = CONNECTION.execute(
        f"select {cast_sql('f', 'l', 'timestamp', feed)} from (select f, {local_time('f')} as l from {rows})",
        [[one.strftime(form) for one in ordinary]],
    ).fetchall()
    assert [row[0] for row in found] == [one.astimezone(UTC).replace(tzinfo=None) for one in ordinary]
