"""Labels of periods, and the days they name."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UserError
from pipeline.periods import GRAINS, Period, parse_period, period_of

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31))
FISCAL = st.integers(min_value=1, max_value=12)


@given(day=DAYS, grain=st.sampled_from(GRAINS), fiscal=FISCAL)
def test_what_is_printed_is_parsed_again(day: date, grain: str, fiscal: int) -> None:
    period = period_of(day, grain, fiscal)
    assert parse_period(period.label, fiscal) == period


@given(day=DAYS, grain=st.sampled_from(GRAINS), fiscal=FISCAL)
def test_periods_follow_each_other_without_gap(day: date, grain: str, fiscal: int) -> None:
    period = period_of(day, grain, fiscal)
    assert period.start <= day <= period.end
    assert period.previous.end + timedelta(days=1) == period.start
    assert period.previous.next == period
    assert period_of(period.end, grain, fiscal) == period


@pytest.mark.parametrize(
    ("label", "fiscal", "start", "end"),
    [
        ("2014-12-31", 1, "2014-12-31", "2014-12-31"),
        ("2014-W52", 1, "2014-12-22", "2014-12-28"),
        ("2015-W53", 1, "2015-12-28", "2016-01-03"),
        ("2014-12", 4, "2014-12-01", "2014-12-31"),
        ("2016-02", 1, "2016-02-01", "2016-02-29"),
        ("2014-Q4", 1, "2014-10-01", "2014-12-31"),
        ("FY2014-Q4", 4, "2014-01-01", "2014-03-31"),
        ("FY2014-Q1", 10, "2013-10-01", "2013-12-31"),
        ("2014", 1, "2014-01-01", "2014-12-31"),
        ("FY2014", 7, "2013-07-01", "2014-06-30"),
    ],
)
def test_days_of_a_label(label: str, fiscal: int, start: str, end: str) -> None:
    period = parse_period(label, fiscal)
    assert (period.start.isoformat(), period.end.isoformat()) == (start, end)


@pytest.mark.parametrize(
    ("label", "fiscal", "expected"),
    [
        ("2014-13", 1, "exists"),
        ("2014-W53", 1, "exists"),
        ("2015-02-29", 1, "exists"),
        ("2014-Q5", 1, "2014-Q4"),
        ("last month", 1, "2014-12"),
        ("2014-Q4", 4, "FY2014-Q4"),
        ("FY2014", 1, "2014"),
        ("", 1, "2014-12"),
    ],
)
def test_a_wrong_label_says_what_is_expected(label: str, fiscal: int, expected: str) -> None:
    with pytest.raises(UserError) as error:
        parse_period(label, fiscal)
    assert expected in str(error.value)


@pytest.mark.parametrize(
    ("label", "fiscal", "year_ago"),
    [
        ("2016-02-29", 1, "2015-02-28"),
        ("2020-W53", 1, "2019-W52"),
        ("2014-12", 1, "2013-12"),
        ("FY2014-Q2", 4, "FY2013-Q2"),
        ("2014", 1, "2013"),
    ],
)
def test_a_year_earlier(label: str, fiscal: int, year_ago: str) -> None:
    assert parse_period(label, fiscal).year_ago.label == year_ago


def test_back_counts_the_period_itself() -> None:
    labels = [period.label for period in Period("month", date(2014, 2, 1)).back(3)]
    assert labels == ["2013-12", "2014-01", "2014-02"]
