"""Values of an export that do not become what their column is, and the reading option with which they would.

Here belongs trying `read` out on rows that are mapped already; an option is only proposed where all values are read
with it and nothing that was read before is read otherwise.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.clean.candidate import final_text, mapped_sql, type_column, typed_sql
from pipeline.clean.casts import cast_sql, mapped_form_sql
from pipeline.clean.judge import MASK
from pipeline.clean.mapping import worked_out
from pipeline.clean.moments import is_plausible, local_time
from pipeline.clean.reasons import cast_reason
from pipeline.clean.sql import ident, text
from pipeline.contracts import Contract
from pipeline.sources import Feed

# Enough to judge an export by, and what a workbook or a document read whole may take here
LOOKED_AT = 20_000
_ROWS = "looked_at"
_MOMENTS, _NUMBERS = ("date", "timestamp"), ("integer", "number", "money")
_EPOCHS = ("epoch_s", "epoch_ms", "epoch_us")
_DAYS = (
    *("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%m-%d-%y"),
    *("%d.%m.%y", "%d %b %y", "%d-%b-%y", "%b %d, %y"),
)
_TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S", ", %H:%M", ", %H:%M:%S")
# The most likely first
_SEPARATORS: Mapping[str, tuple[dict[str, Any], ...]] = {
    ".": ({"decimal": ","}, {"thousands": ","}, {"decimal": ",", "thousands": "."}),
    ",": ({"decimal": "."}, {"thousands": "."}, {"decimal": ".", "thousands": ","}),
}
_WORDS = 3


@dataclass(frozen=True)
class Uncast:
    """A column some values of which are not what it is: how many of how many, the first of them, and why it is none.

    A personal value is not shown.
    """

    column: str
    values: int
    bad: int
    first_row: int
    example: str
    reason: str


def keep_rows(connection: duckdb.DuckDBPyConnection, rows: str, feed: Feed) -> None:
    """Work the mapping out once for the rows that are looked at; what follows asks these."""
    # With a decimal comma the SQL types are kept too, which the other ways to read may need
    typed = _reading(feed, {"decimal": ",", "thousands": None})
    mapped = f"create or replace temp table {_ROWS} as select * from ({mapped_sql(rows, typed)}) limit {LOOKED_AT}"
    worked_out(connection, lambda: connection.execute(mapped))


def broken_rules(
    connection: duckdb.DuckDBPyConnection, contract: Contract, feed: Feed
) -> tuple[int, list[tuple[str, int, int]]]:
    """How many rows are for the entity, and by structural rule how many break it first, and the first of them."""
    typed = typed_sql(f"select * from {_ROWS}", contract, feed, "")
    counted = f"select _rule, count(*), min(_source_row) from ({typed}) where _rule is not null group by 1 order by 1"
    return _first(connection, f"select count(*) from {_ROWS} where _belongs"), connection.execute(counted).fetchall()


def uncast(connection: duckdb.DuckDBPyConnection, contract: Contract, feed: Feed) -> Iterator[Uncast]:
    """Columns with values that are not what they are to be, each judged for itself."""
    for name in (*_columns(contract, feed, _NUMBERS), *_columns(contract, feed, (*_MOMENTS, "boolean"))):
        rows = _cast_rows(contract, feed, name)
        counted = f"select count(v), count(*) filter (bad), min(_source_row) filter (bad) from ({rows})"
        values, bad, row = connection.execute(counted).fetchall()[0]
        if bad:
            yield Uncast(name, values, bad, row, *_example(connection, contract, feed, name))


def _example(connection: duckdb.DuckDBPyConnection, contract: Contract, feed: Feed, name: str) -> tuple[str, str]:
    """The first bad value, and why it is none."""
    reason = cast_reason(name, contract.columns[name], "v", feed)
    query = f"select v, {reason} from ({_cast_rows(contract, feed, name)}) where bad order by _source_row limit 1"
    value, why = connection.execute(query).fetchall()[0]
    example = MASK if name in contract.personal_columns else json.dumps(value, ensure_ascii=False)
    return example, str(why).removeprefix(f"{name}: ")


def helping_options(
    connection: duckdb.DuckDBPyConnection, contract: Contract, feed: Feed, name: str
) -> list[dict[str, Any]]:
    """What `read` might say so that every value of the column is read; two where the values do not tell which is meant."""
    type_ = contract.columns[name].type
    if type_ in _NUMBERS:
        options = list(_SEPARATORS[feed.read.decimal])
    elif type_ in _MOMENTS:
        options = [_with_form(feed, form) for form in _forms(connection, contract, feed, name)]
    else:
        options = []
    alike = _MOMENTS if type_ in _MOMENTS else _NUMBERS
    helping = [one for one in options if _is_read(connection, contract, feed, name, one, alike)]
    most = 2 if type_ in _MOMENTS else 1
    return helping[:most] or _words_for_nothing(connection, contract, feed, name)


def in_yaml(option: Mapping[str, Any]) -> str:
    """A reading option as the connector says it."""
    said = (f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in option.items())
    return f"read: {{{', '.join(said)}}}"


def _columns(contract: Contract, feed: Feed, types: tuple[str, ...]) -> list[str]:
    return [name for name in feed.mapping.columns if contract.columns[name].type in types]


def _reading(feed: Feed, option: Mapping[str, Any]) -> Feed:
    return feed.model_copy(update={"read": feed.read.model_copy(update=dict(option))})


def _cast_rows(contract: Contract, feed: Feed, name: str) -> str:
    """Rows of the column's text v, what it is cast to as c, and whether that is bad."""
    type_ = contract.columns[name].type
    is_cleared = any(one.column == name and one.clear for one in contract.corrections)
    plausible = is_plausible("c") if type_ in _MOMENTS and not is_cleared else "true"
    return f"""select *, v is not null and (c is null or not {plausible}) as bad
        from (select *, {cast_sql("f", "l", type_, feed)} as c
        from (select *, {local_time("f") if type_ in _MOMENTS else "null"} as l
        from (select *, {mapped_form_sql("v", "t", type_, feed)} as f
        from (select _source_row, {final_text(contract, name)} as v, {ident(type_column(name))} as t
        from {_ROWS} where _belongs and not _gone and _fault is null))))"""


def _is_read(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    feed: Feed,
    name: str,
    option: Mapping[str, Any],
    alike: tuple[str, ...],
) -> bool:
    """Whether all values are read with the option, and those of the other columns of its kind no worse than without."""
    other = _reading(feed, option)
    if other.read.decimal == other.read.thousands:
        return False
    if _first(connection, f"select count(*) filter (bad) from ({_cast_rows(contract, other, name)})"):
        return False
    for one in _columns(contract, feed, alike):
        before, after = _cast_rows(contract, feed, one), _cast_rows(contract, other, one)
        if alike is _MOMENTS:
            worse = f"select count(*) from (select v, c from ({before}) where c is not null except all select v, c from ({after}))"
        else:
            worse = f"select greatest((select count(*) filter (bad) from ({after})) - (select count(*) filter (bad) from ({before})), 0)"
        if _first(connection, worse):
            return False
    return True


def _forms(connection: duckdb.DuckDBPyConnection, contract: Contract, feed: Feed, name: str) -> list[str]:
    """Forms in which all values that are not read are days or times within living memory."""
    parsed = {one: f"try_cast(try({one}(v)) as TIMESTAMP)" for one in _EPOCHS}
    parsed |= {f"{day}{time}": f"try_strptime(v, {text(day + time)})" for day in _DAYS for time in _TIMES}
    counts = ", ".join(f"count(*) filter (year({sql}) between 1990 and 2099)" for sql in parsed.values())
    query = f"select count(*), {counts} from ({_cast_rows(contract, feed, name)}) where bad"
    every, *found = connection.execute(query).fetchall()[0]
    return [form for form, count in zip(parsed, found, strict=True) if count == every]


def _with_form(feed: Feed, form: str) -> dict[str, Any]:
    """The form beside what the connector says already."""
    if form in _EPOCHS or "%H" in form or "%I" in form:
        return {"timestamps": [*feed.read.timestamps, form]}
    return {"dates": [*feed.read.dates, form]}


def _words_for_nothing(
    connection: duckdb.DuckDBPyConnection, contract: Contract, feed: Feed, name: str
) -> list[dict[str, Any]]:
    """A few words or signs in the place of a value, as n/a and - are."""
    is_a_name = feed.mapping.columns[name].startswith('"')
    if contract.columns[name].personal or not is_a_name or contract.columns[name].type == "boolean":
        return []
    query = f"select distinct v from ({_cast_rows(contract, feed, name)}) where bad order by 1 limit {_WORDS + 1}"
    words = [str(row[0]) for row in connection.execute(query).fetchall()]
    if len(words) > _WORDS or any(character.isdigit() for word in words for character in word):
        return []
    return [{"null": [*feed.read.null, *words]}]


def _first(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
