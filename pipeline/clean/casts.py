"""SQL that turns a text into a typed value, null where it will not cast: nothing is guessed, nothing raises.

Here belong numbers and the choice by type; dates and times are read in moments.py, and reasons.py says what was wrong.
"""

from pipeline.clean.moments import date_sql, iso_text, timestamp_sql
from pipeline.clean.sql import text
from pipeline.contracts import ColumnType
from pipeline.sources import Feed

TRUE = ("true", "t", "yes", "y", "1", "是")
FALSE = ("false", "f", "no", "n", "0", "否")
# Wide enough to tell whether a number with an exponent is whole, or money of more than four decimals
_WIDE = "DECIMAL(38,12)"
_EXPONENT = "(?:[eE][-+]?[0-9]{1,3})?"
# What typeof says of values that are numbers, dates or times already
_NUMBER_TYPE = "U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|FLOAT|DOUBLE|DECIMAL.*"
_MOMENT_TYPE = "DATE|TIMESTAMP.*"
# Signs that mean something within the brackets of a pattern
_SPECIAL = "]^-" + chr(92)


def needs_sql_types(feed: Feed) -> bool:
    """Whether the export's texts are read in a way in which the text of a computed value would be misread."""
    return feed.read.decimal != "." or bool(feed.read.dates or feed.read.timestamps)


def mapped_form_sql(value: str, sql_type: str, type_: ColumnType, feed: Feed) -> str:
    """form_sql of what an expression gives, whose SQL type is in `sql_type`: a number or date is in its form already."""
    form = form_sql(value, type_, feed)
    own = {"date": f"nullif(_iso_form({value}), '')", "timestamp": f"nullif(_iso_form({value}), '')"}.get(type_, value)
    if type_ in ("text", "boolean") or not needs_sql_types(feed):
        return form
    pattern = _MOMENT_TYPE if type_ in ("date", "timestamp") else _NUMBER_TYPE
    return f"case when regexp_full_match({sql_type}, '{pattern}') then {own} else {form} end"


def form_sql(value: str, type_: ColumnType, feed: Feed) -> str:
    """The text in the one form its type is cast from: a plain number, an ISO date or time; null where it is none."""
    match type_:
        case "integer":
            return plain_number(value, feed, "_signed")
        case "number":
            return plain_number(value, feed, "_without_currency", "_signed", "_percent")
        case "money":
            # A share is no amount
            return plain_number(value, feed, "_without_currency", "_signed")
        case "date" | "timestamp":
            return iso_text(value, feed)
        case _:
            return value


def cast_sql(form: str, local: str, type_: ColumnType, feed: Feed) -> str:
    """SQL of the column's type over a text in its form (form_sql); `local` is the local time of a date or timestamp."""
    match type_:
        case "text":
            return form
        case "integer":
            return _integer(form)
        case "number":
            # Of a text beyond what a double holds DuckDB makes infinity
            return f"(case when isfinite(try_cast({form} as DOUBLE)) then try_cast({form} as DOUBLE) end)"
        case "money":
            return f"try_cast({form} as DECIMAL(18,4))"
        case "boolean":
            return f"case when lower({form}) in {TRUE} then true when lower({form}) in {FALSE} then false end"
        case "date":
            return date_sql(form, local, feed)
        case "timestamp":
            return timestamp_sql(form, local, feed)


def plain_number(value: str, feed: Feed, *steps: str) -> str:
    """The number in DuckDB's own notation, null where the text is none; a usual one takes the short way.

    `steps` are macros that take away what this kind of number may carry, a currency, brackets or a percent sign.
    """
    usual = f"^[-+]?[0-9]+(?:[.][0-9]*)?{_EXPONENT}$" if feed.read.decimal == "." else "^[-+]?[0-9]+$"
    tidy = f"_plain_signs({value})"
    for step in steps:
        tidy = f"{step}({tidy})"
    pattern, signs = number_pattern(feed)
    unusual = f"nullif(_plain_number({tidy}, {text(pattern)}, {text(signs)}, {text(feed.read.decimal)}), '')"
    return f"case when regexp_full_match({value}, '{usual}') then {value} else {unusual} end"


def number_pattern(feed: Feed) -> tuple[str, str]:
    """What a number looks like in this export, currency and brackets apart, and the signs between its groups.

    Blanks and apostrophes between groups can mean nothing else. A lone group behind a comma (1,234) can be thousands or
    decimals; it counts only where the connector names the comma, or another group or decimals show what it is.
    """
    decimal, other = ("[.]", ",") if feed.read.decimal == "." else ("[,]", ".")
    said = feed.read.thousands or ""
    sure = f"[ '{chr(92) if said in tuple(_SPECIAL) else ''}{said}]"
    whole = f"[0-9]+|[0-9]{{1,3}}(?:{sure}[0-9]{{2,3}})*{sure}[0-9]{{3}}|[0-9]{{1,3}}(?:[{other}][0-9]{{2,3}})+[{other}][0-9]{{3}}"
    shown = f"[0-9]{{1,3}}[{other}][0-9]{{3}}{decimal}[0-9]+"
    pattern = f"^[-+]? *(?:(?:{whole})(?:{decimal}[0-9]*)?|{shown}|{decimal}[0-9]+){_EXPONENT}$"
    return pattern, f"{sure}|[{other}]"


def is_rounded(form: str) -> str:
    """Whether an amount in its form has more decimals than the column holds."""
    wide = f"try_cast({form} as {_WIDE}) <> try_cast({form} as DECIMAL(18,4))"
    return f"(case when contains(lower({form}), 'e') then {wide} else regexp_matches({form}, '[.][0-9]{{4}}[0-9]*[1-9]') end)"


def _integer(number: str) -> str:
    wide = f"try_cast({number} as {_WIDE})"
    return (
        f"case when regexp_full_match({number}, '^[-+]?[0-9]+([.]0*)?$') then try_cast(split_part({number}, '.', 1) as BIGINT)"
        f" when {wide} = floor({wide}) then try_cast({wide} as BIGINT) end"
    )
