"""Why a row is in quarantine, in the words of who has to correct it: what was found and what would be accepted.

Here belong reasons of structural rules; the reason of a suite's rule stands in its contract.
"""

import duckdb

from pipeline.clean.candidate import value_column
from pipeline.clean.casts import FALSE, TRUE
from pipeline.clean.mapping import NOT_AN_ARRAY
from pipeline.clean.moments import FIRST_YEAR, LAST_YEAR, iso_text
from pipeline.clean.outcome import Batch
from pipeline.clean.sql import ident, text
from pipeline.contracts import Column
from pipeline.sources import Feed

_SHOWN = 60
_DAY_OR_MONTH = (
    " may be day or month first: read.dates of the export has to say which, for example %d/%m/%Y or %m/%d/%Y,"
    " or read.timestamps where a time follows"
)
_MOMENTS = {
    "^[0-9]{1,2}[-/][0-9]{1,2}[-/][0-9]{2}([0-9]{2})?($|[^0-9])": _DAY_OR_MONTH,
    "^[0-9]{1,2}[. -]([0-9]{1,2}|[A-Za-z]{3,9})[. -][0-9]{2}($|[^0-9])": (
        " has a year of two digits: read.dates of the export has to say how it is written, for example %d.%m.%y"
    ),
    "^[0-9]{9,19}([.][0-9]+)?$": (
        " looks like a time counted from 1970: read.timestamps of the export has to say epoch_s, epoch_ms or epoch_us"
    ),
    "^[0-9]{5}([.][0-9]+)?$": " looks like the day number of a spreadsheet: a date is needed",
}


def explain(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Give every row of the candidate that could not be mapped or cast its reason, the value found included."""
    rules = connection.execute(f"select distinct _rule from {batch.work} where _rule is not null").fetchall()
    for (rule,) in rules:
        reason = _reason_of(batch, str(rule))
        if reason is not None:
            connection.execute(f"update {batch.work} set _reason = {reason} where _rule = {text(rule)}")


def _reason_of(batch: Batch, rule: str) -> str | None:
    """SQL of the reason; None for rules whose reason is the same whatever was found."""
    kind, _, name = rule.partition(":")
    if rule == NOT_AN_ARRAY:
        return text(f"each: {batch.feed.mapping.each} gives no JSON array, so the row cannot be taken apart")
    if kind == "mapping":
        sql = " ".join(batch.feed.mapping.expressions[name].split())
        return text(f"{name}: its expression cannot be worked out for this row: {sql}")
    if kind == "cast":
        return cast_reason(name, batch.contract.columns[name], ident(value_column(name)), batch.feed)
    return None


def cast_reason(name: str, column: Column, value: str, feed: Feed) -> str:
    """SQL of what is wrong with a text that did not cast; a personal value is not shown."""
    found = f"'\"' || left({value}, {_SHOWN}) || '\"'" if column.personal is None else text("a value that is not shown")
    match column.type:
        case "date" | "timestamp":
            cases = _of_moment(value, feed)
        case "boolean":
            cases = [("true", f" is none of {', '.join((*TRUE, *FALSE))}")]
        case _:
            cases = _of_number(column.type, value, feed)
    whens = " ".join(f"when {condition} then {text(words)}" for condition, words in cases)
    return f"{text(name + ': ')} || {found} || case {whens} end"


def _of_moment(value: str, feed: Feed) -> list[tuple[str, str]]:
    iso = iso_text(value, feed)
    known = [
        (
            f"left({iso}, 4) not between '{FIRST_YEAR}' and '{LAST_YEAR}'",
            f" is outside the years {FIRST_YEAR} to {LAST_YEAR}",
        ),
        (f"{iso} is not null", " is of a known form, but there is no such day or time"),
    ]
    forms = [(f"regexp_matches({value}, {text(form)})", words) for form, words in _MOMENTS.items()]
    other = (
        " is no date or time that can mean one only; read.dates and read.timestamps of the export name further forms"
    )
    return [*known, *forms, ("true", other)]


def _of_number(type_: str, value: str, feed: Feed) -> list[tuple[str, str]]:
    decimal, other = (".", ",") if feed.read.decimal == "." else (",", ".")
    group = f"^[^0-9]*[0-9]{{1,3}}[{other}][0-9]{{3}}[^0-9]*$"
    swapped = f"[0-9][{other}][0-9]+([{decimal}]|[^0-9]*$)|[{decimal}][0-9]*[{other}{decimal}]"
    cases = [
        (f"regexp_matches({value}, {text(group)})",
         f" may be thousands or decimals: read.thousands or read.decimal of the export has to say what {other} is"),
        (f"regexp_matches({value}, {text(swapped)})",
         f" is no number with {decimal} as decimal sign: read.decimal and read.thousands of the export say which signs it has"),
    ]  # fmt: skip
    if type_ != "number":
        cases.insert(0, (f"regexp_matches({value}, '[%％]')", f" is a share, and {type_} is needed"))
    if type_ == "integer":
        cases.append((f"regexp_full_match({value}, '^[-+]?[0-9]+[.,][0-9]+$')", " is not whole"))
    large = f"regexp_full_match({value}, '^[-+]?[0-9]+([.,][0-9]*)?([eE][-+]?[0-9]+)?$')"
    return [*cases, (large, f" is more than a column of type {type_} holds"), ("true", " is no number")]
