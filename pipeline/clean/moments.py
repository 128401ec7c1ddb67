"""SQL that turns a text into a date or a time: what can mean one day only is read, anything else is for read to tell.

A date is a business date and never shifted; a time without offset is local to the source, stored in UTC.
"""

from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from pipeline.clean.sql import text, texts
from pipeline.sources import Feed

# Outside of them a date is a slip or stands for none; a declared correction may clear it before that is judged
FIRST_YEAR, LAST_YEAR = 1900, 2199
_OFFSET = "(?:[zZ]|[+-][0-9]{2}(?::?[0-9]{2})?)$"
_EPOCHS = ("epoch_s", "epoch_ms", "epoch_us")


def iso_text(value: str, feed: Feed) -> str:
    """A date or time as ISO 8601 text, null where it is none; what the connector says wins over what is usual.

    It may name a day that does not exist: a cast finds that out, and a reason can then say so.
    """
    said = [_said_date(value, one) for one in feed.read.dates]
    said += [_said_time(value, one) for one in feed.read.timestamps]
    # One after the other, as coalesce works out all that it lists
    whens = " ".join(f"when {one} <> '' then {one}" for one in said)
    usual = f"nullif(_iso_time({value}), '')"
    return f"case {whens} else {usual} end" if said else usual


def _said_date(value: str, form: str) -> str:
    return f"_iso_form(strftime(try_strptime({value}, {text(form)}), '%Y-%m-%d'))"


def _said_time(value: str, form: str) -> str:
    if form in _EPOCHS:
        return f"_iso_form(try({form}({value})))"
    parsed = f"try_strptime({value}, {text(form)})"
    if "%z" in form or "%Z" in form:
        return f"_iso_form(strftime(timezone('UTC', {parsed}), '%Y-%m-%d %H:%M:%S.%fZ'))"
    return f"_iso_form(strftime({parsed}, '%Y-%m-%d %H:%M:%S.%f'))"


def local_time(iso: str) -> str:
    """An ISO text as a local time without offset; null where it has an offset or is a plain date."""
    return f"case when contains({iso}, ':') and not regexp_matches({iso}, '{_OFFSET}') then try_cast({iso} as TIMESTAMP) end"


def date_sql(iso: str, local: str, feed: Feed) -> str:
    """The plain date as it stands, or the business date of a time."""
    return (
        f"case when contains({iso}, ':') then {business_date(_utc(iso, local, feed), feed.company_zone)}"
        f" else try_cast({iso} as DATE) end"
    )


def timestamp_sql(iso: str, local: str, feed: Feed) -> str:
    """UTC of a time; a plain date is its first moment."""
    midnight = f"case when not contains({iso}, ':') then cast(try_cast({iso} as DATE) as TIMESTAMP) else {local} end"
    return _utc(iso, midnight, feed)


def business_date(utc: str, company_zone: str) -> str:
    """The business date of a UTC timestamp expression."""
    return f"cast(timezone({text(company_zone)}, timezone('UTC', {utc})) as DATE)"


def is_plausible(typed: str) -> str:
    """Whether a date or timestamp lies in the years a business knows."""
    return f"year({typed}) between {FIRST_YEAR} and {LAST_YEAR}"


def is_unusual_local_time(local: str, utc: str, feed: Feed) -> str:
    """Whether a local time does not exist or exists twice in the source's zone, given what it became in UTC."""
    zone = text(feed.zone)
    twice = [f"timezone({zone}, timezone('UTC', {utc} - interval '{gap} minutes')) = {local}" for gap in (30, 60)]
    odd = f"timezone({zone}, timezone('UTC', {utc})) <> {local} or {' or '.join(twice)}"
    return f"(case when {_on_transition_day(local, feed)} then {odd} else false end)"


def _utc(iso: str, local: str, feed: Feed) -> str:
    """UTC of a text that carries its own offset, else of the local time in the source's zone."""
    own = (
        f"case when contains({iso}, ':') and regexp_matches({iso}, '{_OFFSET}')"
        f" then timezone('UTC', try_cast({iso} as TIMESTAMPTZ)) end"
    )
    zone = text(feed.zone)
    instant = f"timezone({zone}, {local})"
    # Of a time that exists twice DuckDB takes the later offset already; one that does not exist it reads
    # with the earlier offset, and the difference is the width of the gap
    gap = f"(timezone({zone}, {instant}) - {local})"
    instant = f"case when {_on_transition_day(local, feed)} then {instant} - {gap} else {instant} end"
    return f"coalesce({own}, timezone('UTC', {instant}))"


def _on_transition_day(local: str, feed: Feed) -> str:
    """Only on these days a local time can be unusual, and looking twice at every time of an export is slow."""
    days = transition_days(feed.zone)
    return f"list_contains(cast([{texts(days)}] as DATE[]), cast({local} as DATE))" if days else "false"


@cache
def transition_days(zone: str) -> tuple[str, ...]:
    """Local dates from 1990 to 2049 on which the zone's offset changes, and the days after them."""
    info, found = ZoneInfo(zone), []
    weeks = [datetime(1990, 1, 1) + timedelta(weeks=week) for week in range(60 * 53)]
    for week in weeks:
        days = [week + timedelta(days=day) for day in range(8)]
        if _offset(days[0], info) != _offset(days[-1], info):
            found += [two for one, two in pairwise(days) if _offset(one, info) != _offset(two, info)]
    both = [day - timedelta(days=1) for day in found] + found
    return tuple(sorted({day.strftime("%Y-%m-%d") for day in both}))


def _offset(day: datetime, zone: ZoneInfo) -> timedelta | None:
    return day.replace(tzinfo=zone).utcoffset()
