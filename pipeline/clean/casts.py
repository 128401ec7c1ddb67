"""SQL that turns a text into a typed value, null where it will not cast: nothing is guessed, nothing raises.

A date is a business date and never shifted; a time without offset is local to the source, stored in UTC.
"""

from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from pipeline.clean.sql import text, texts
from pipeline.contracts import ColumnType
from pipeline.sources import Feed

_NUMBER = "^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$"
_DATE = "^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$"
_OFFSET = "([zZ]|[+-][0-9]{2}(:?[0-9]{2})?)$"
_TIME = "^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[T ][0-9]{1,2}:"
TRUE = ("true", "t", "yes", "y", "1")
FALSE = ("false", "f", "no", "n", "0")
# A lossless number is one that its column can hold as written; DuckDB's own cast rounds in silence
WIDE = "DECIMAL(38,12)"


def cast_sql(value: str, local: str, type_: ColumnType, feed: Feed) -> str:
    """SQL expression of the column's type over `value` of type text and `local`, its local time (see local_time)."""
    match type_:
        case "text":
            return value
        case "integer":
            number = f"try_cast({number_text(value, feed)} as {WIDE})"
            return f"case when {number} = floor({number}) then try_cast({number} as BIGINT) end"
        case "number":
            return f"try_cast({number_text(value, feed)} as DOUBLE)"
        case "money":
            return f"try_cast(try_cast({number_text(value, feed)} as {WIDE}) as DECIMAL(18,4))"
        case "boolean":
            low = f"lower({value})"
            return f"case when {low} in {TRUE} then true when {low} in {FALSE} then false end"
        case "date":
            times = f"case when {local} is not null or regexp_matches({value}, '{_TIME}') then {_utc(value, local, feed)} end"
            return f"coalesce({_plain_date(value, feed)}, {business_date(times, feed.company_zone)})"
        case "timestamp":
            return _utc(value, f"coalesce({local}, cast({_plain_date(value, feed)} as TIMESTAMP))", feed)


def number_text(value: str, feed: Feed) -> str:
    """The number in DuckDB's own notation, null when the text is no number; (1.20) is minus 1.20."""
    plain = f"regexp_replace({value}, '^[(](.*)[)]$', '-\\1')"
    if feed.read.thousands:
        plain = f"replace({plain}, {text(feed.read.thousands)}, '')"
    if feed.read.decimal == ",":
        plain = f"replace({plain}, ',', '.')"
    return f"case when regexp_full_match({plain}, '{_NUMBER}') then {plain} end"


def is_rounded(value: str, feed: Feed) -> str:
    """Whether a money text has more decimals than the column holds."""
    wide = f"try_cast({number_text(value, feed)} as {WIDE})"
    return f"{wide} <> try_cast({wide} as DECIMAL(18,4))"


def business_date(utc: str, company_zone: str) -> str:
    """The business date of a UTC timestamp expression."""
    return f"cast(timezone({text(company_zone)}, timezone('UTC', {utc})) as DATE)"


def local_time(value: str, feed: Feed) -> str:
    """The text as a local time without offset; null where it has an offset, is a plain date or no time."""
    iso = f"case when regexp_matches({value}, '{_TIME}') and not regexp_matches({value}, '{_OFFSET}') then try_cast({value} as TIMESTAMP) end"
    formats = [f"try_strptime({value}, {text(one)})" for one in feed.read.timestamps]
    return f"coalesce({', '.join([iso, *formats])})" if formats else iso


def is_unusual_local_time(local: str, utc: str, feed: Feed) -> str:
    """Whether a local time does not exist or exists twice in the source's zone, given what it became in UTC."""
    zone = text(feed.zone)
    twice = [f"timezone({zone}, timezone('UTC', {utc} - interval '{gap} minutes')) = {local}" for gap in (30, 60)]
    odd = f"timezone({zone}, timezone('UTC', {utc})) <> {local} or {' or '.join(twice)}"
    return f"(case when {_on_transition_day(local, feed)} then {odd} else false end)"


def _utc(value: str, local: str, feed: Feed) -> str:
    """UTC of a text that carries its own offset, else of the local time in the source's zone."""
    own = (
        f"case when regexp_matches({value}, '{_TIME}') and regexp_matches({value}, '{_OFFSET}')"
        f" then timezone('UTC', try_cast({value} as TIMESTAMPTZ)) end"
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


def _plain_date(value: str, feed: Feed) -> str:
    formats = [f"cast(try_strptime({value}, {text(one)}) as DATE)" for one in feed.read.dates]
    iso = f"case when regexp_full_match({value}, '{_DATE}') then try_cast({value} as DATE) end"
    return f"coalesce({', '.join([iso, *formats])})" if formats else iso
