"""Periods of a summary and their labels: 2014-12-31, 2014-W52, 2014-12, 2014-Q4 or FY2014-Q4, 2014 or FY2014.

Weeks are ISO weeks. Where the fiscal year does not start in January, quarters and years are fiscal,
named by the calendar year they end in, and written with FY.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pipeline.errors import UserError

GRAINS = ("day", "week", "month", "quarter", "year")

_LABEL = re.compile(
    r"^(?:(?P<day>\d{4}-\d{2}-\d{2})"
    r"|(?P<week_year>\d{4})-W(?P<week>\d{2})"
    r"|(?P<month_year>\d{4})-(?P<month>\d{2})"
    r"|(?P<fiscal>FY)?(?P<year>\d{4})(?:-Q(?P<quarter>[1-4]))?)$"
)


@dataclass(frozen=True)
class Period:
    """One closed span of days: a grain and its first day, in a company's calendar."""

    grain: str
    start: date
    fiscal_year_start: int = 1

    @property
    def end(self) -> date:
        """Last day, inclusive."""
        return self.next.start - timedelta(days=1)

    @property
    def next(self) -> Period:
        """The period that begins the day after this one ends."""
        return self._moved(1)

    @property
    def previous(self) -> Period:
        """The period that ends the day before this one begins."""
        return self._moved(-1)

    @property
    def year_ago(self) -> Period:
        """The same period one year earlier; of a week 53, week 52; of 29 February, 28 February."""
        if self.grain == "day":
            day = 28 if (self.start.month, self.start.day) == (2, 29) else self.start.day
            return replace(self, start=self.start.replace(year=self.start.year - 1, day=day))
        if self.grain == "week":
            year, week, _ = self.start.isocalendar()
            return replace(self, start=date.fromisocalendar(year - 1, min(week, 52), 1))
        return replace(self, start=_add_months(self.start, -12))

    @property
    def label(self) -> str:
        """The label as people write it, see the module."""
        if self.grain == "day":
            return self.start.isoformat()
        if self.grain == "week":
            year, week, _ = self.start.isocalendar()
            return f"{year:04d}-W{week:02d}"
        if self.grain == "month":
            return f"{self.start.year:04d}-{self.start.month:02d}"
        prefix = "" if self.fiscal_year_start == 1 else "FY"
        name = f"{prefix}{self.year:04d}"
        return name if self.grain == "year" else f"{name}-Q{self.quarter}"

    @property
    def year(self) -> int:
        """The year a month, quarter or year is named by: fiscal ones by the year they end in."""
        if self.grain == "month" or self.fiscal_year_start == 1:
            return self.start.year
        return self.start.year + (self.start.month >= self.fiscal_year_start)

    @property
    def quarter(self) -> int:
        """Number 1 to 4 within the (fiscal) year."""
        return (self.start.month - self.fiscal_year_start) % 12 // 3 + 1

    def back(self, count: int) -> list[Period]:
        """This period and the ones before it, `count` in all, oldest first."""
        periods = [self]
        while len(periods) < count:
            periods.append(periods[-1].previous)
        return periods[::-1]

    def _moved(self, steps: int) -> Period:
        days = {"day": 1, "week": 7}.get(self.grain)
        if days:
            return replace(self, start=self.start + timedelta(days=days * steps))
        months = {"month": 1, "quarter": 3, "year": 12}[self.grain]
        return replace(self, start=_add_months(self.start, months * steps))


def period_of(day: date, grain: str, fiscal_year_start: int = 1) -> Period:
    """The period of that grain which holds the day."""
    if grain == "day":
        return Period("day", day, fiscal_year_start)
    if grain == "week":
        return Period("week", day - timedelta(days=day.weekday()), fiscal_year_start)
    months = {"month": 1, "quarter": 3, "year": 12}[grain]
    past = (day.month - fiscal_year_start) % months if grain != "month" else 0
    return Period(grain, _add_months(day.replace(day=1), -past), fiscal_year_start)


def parse_period(label: str, fiscal_year_start: int = 1) -> Period:
    """The period a label names; a UserError where it names none in this company's calendar."""
    match = _LABEL.match(label.strip())
    if match is None:
        raise _unreadable(label, "2014-W52, 2014-12, 2014-Q4, 2014, FY2014-Q4 or FY2014")
    parts = match.groupdict()
    try:
        if parts["day"]:
            return Period("day", date.fromisoformat(parts["day"]), fiscal_year_start)
        if parts["week"]:
            monday = date.fromisocalendar(int(parts["week_year"]), int(parts["week"]), 1)
            return Period("week", monday, fiscal_year_start)
        if parts["month"]:
            return Period("month", date(int(parts["month_year"]), int(parts["month"]), 1), fiscal_year_start)
        return _fiscal_or_calendar(label, parts, fiscal_year_start)
    except ValueError as error:
        raise _unreadable(label, "a day, week or month that exists") from error


def _fiscal_or_calendar(label: str, parts: dict[str, str | None], fiscal_year_start: int) -> Period:
    is_fiscal = fiscal_year_start != 1
    if is_fiscal != bool(parts["fiscal"]):
        expected = f"FY{label}, as the fiscal year starts in month {fiscal_year_start}" if is_fiscal else label[2:]
        raise _unreadable(label, expected)
    start = date(int(parts["year"] or 0) - is_fiscal, fiscal_year_start, 1)
    if not parts["quarter"]:
        return Period("year", start, fiscal_year_start)
    return Period("quarter", _add_months(start, 3 * (int(parts["quarter"]) - 1)), fiscal_year_start)


def _add_months(first: date, months: int) -> date:
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _unreadable(label: str, expected: str) -> UserError:
    return UserError(
        "The period cannot be read.", where="period", found=label, expected=expected, action="Write the period so."
    )
