"""Days, ISO weeks, months, fiscal quarters and years, and their labels."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

DATED = ("day", "week", "month", "quarter", "year")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """One period: its label, its first and its last day, both inclusive."""

    grain: str
    label: str
    start: date
    end: date


def days(first: date, last: date) -> Iterator[date]:
    """Every day from first to last."""
    for offset in range((last - first).days + 1):
        yield first + offset * DAY


@cache
def span(grain: str, day: date, year_start: int) -> Span:
    """The period of this grain the day falls in, where the fiscal year begins in month `year_start`."""
    if grain == "day":
        return Span(grain, day.isoformat(), day, day)
    if grain == "week":
        year, week, weekday = day.isocalendar()
        monday = day - (weekday - 1) * DAY
        return Span(grain, f"{year}-W{week:02}", monday, monday + 6 * DAY)
    if grain == "month":
        return Span(grain, f"{day:%Y-%m}", day.replace(day=1), _month_end(day.replace(day=1), 1))
    return _fiscal(grain, day, year_start)


def spans(grain: str, first: date, last: date, year_start: int) -> list[Span]:
    """Every period of this grain that shares a day with first to last, in order."""
    return list(dict.fromkeys(span(grain, day, year_start) for day in days(first, last)))


def _fiscal(grain: str, day: date, year_start: int) -> Span:
    months_in = (day.month - year_start) % 12
    first_month = months_in // 3 * 3 if grain == "quarter" else 0
    start = _add_months(day.replace(day=1), first_month - months_in)
    year_end = _month_end(_add_months(day.replace(day=1), -months_in), 12)
    name = str(year_end.year) if year_start == 1 else f"FY{year_end.year}"
    if grain == "quarter":
        return Span(grain, f"{name}-Q{first_month // 3 + 1}", start, _month_end(start, 3))
    return Span(grain, name, start, year_end)


def _month_end(start: date, months: int) -> date:
    """The last day of the stretch of `months` months that begins at start."""
    return _add_months(start, months) - DAY


def _add_months(first_of_month: date, months: int) -> date:
    count = first_of_month.year * 12 + first_of_month.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
