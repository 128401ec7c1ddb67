"""Declared corrections of typed values, and what each changed: scale, swap, clear, derive and fill, in that order.

Here belongs what contracts.Correction declares of values; texts are trimmed and replaced in candidate.py.
Every rule that changed a row leaves its number in `_applied`, so that its cells are counted and shown afterwards.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pipeline.clean.moments import business_date
from pipeline.clean.sql import ident, text
from pipeline.contracts import SQL_TYPES, Contract, Correction
from pipeline.sources import Feed

OF_VALUES = ("scale", "swap", "clear")
OF_GAPS = ("derive", "fill")


@dataclass(frozen=True)
class Change:
    """One declared change of one column: SQL before and after it, and when a cell counts as changed."""

    rule: str
    column: str
    reason: str
    before: str
    after: str
    is_changed: str


def cast_column(name: str) -> str:
    """Name of a column's value as it was cast, before corrections: of money, what was delivered."""
    return f"cast of {name}"


def kept_as_cast(contract: Contract, feed: Feed) -> list[str]:
    """Columns whose value as cast the candidate keeps: mapped money, and what a correction may change, mapped or not."""
    changed = {name for _, one in _numbered(contract, OF_VALUES) for name in _columns(one)}
    money = {name for name in contract.money_columns if name in feed.mapping.columns}
    return [name for name in contract.columns if name in changed | money]


def corrected_sql(typed: str, contract: Contract, feed: Feed) -> str:
    """Typed rows with every declared correction of values made, one rule a layer, in the order of KINDS.

    Adds `_filled` (columns whose value was made: scaled, derived or filled), and to `_applied` the numbers of the rules.
    """
    rows = f"select *, '' as _filled from ({typed})"
    for number, one in (*_numbered(contract, OF_VALUES), *_numbered(contract, OF_GAPS)):
        rows = _layer(rows, contract, feed, number, one)
    return f"select * replace (nullif(ltrim(_filled, ','), '') as _filled, _applied || ',' as _applied) from ({rows})"


def value_changes(contract: Contract) -> list[Change]:
    """What corrections of values changed, countable on the finished candidate by their numbers in `_applied`."""
    return [
        Change(one.rule, name, one.reason, _before(one, name), _after(one, name), is_applied(number))
        for kinds in (OF_VALUES, OF_GAPS)
        for number, one in _numbered(contract, kinds)
        for name in _columns(one)
    ]


def _numbered(contract: Contract, kinds: tuple[str, ...]) -> Iterator[tuple[int, Correction]]:
    """Corrections of these kinds by kind, each with its place in the contract."""
    return (pair for kind in kinds for pair in enumerate(contract.corrections) if pair[1].kinds[0] == kind)


def _columns(one: Correction) -> list[str]:
    return [one.column, one.swap] if one.swap else [one.column]


def _before(one: Correction, name: str) -> str:
    return "cast(null as VARCHAR)" if one.kinds[0] in OF_GAPS else f"cast({ident(cast_column(name))} as VARCHAR)"


def _after(one: Correction, name: str) -> str:
    # What was cleared may have been derived or filled since
    return "cast(null as VARCHAR)" if one.kinds[0] == "clear" else f"cast({ident(name)} as VARCHAR)"


def is_applied(rule: int | str) -> str:
    """Whether a rule, by its number in the contract or by its name, changed a row of the candidate."""
    return f"contains(_applied, ',{rule},')"


def _layer(rows: str, contract: Contract, feed: Feed, number: int, one: Correction) -> str:
    """The rows with one correction made; the new values first, as a column may depend on itself."""
    new = _new_values(contract, one)
    cells = {name: f"case when _applies then {ident('new ' + name)} else {ident(name)} end" for name in new}
    cells |= {date: f"case when _applies then {day} else {ident(date)} end" for date, day in _days(contract, feed, new)}
    made = "".join(f",{name}" for name in cells) if one.kinds[0] in ("scale", *OF_GAPS) else ""
    cells["_filled"] = f"case when _applies then _filled || {text(made)} else _filled end"
    cells["_applied"] = f"case when _applies then _applied || ',{number}' else _applied end"
    listed = ", ".join(f"{value} as {ident(name)}" for name, value in cells.items())
    dropped = ", ".join(ident("new " + name) for name in new)
    values = ", ".join(f"{value} as {ident('new ' + name)}" for name, value in new.items())
    applies = f"select *, {_applies(one)} as _applies from (select *, {values} from ({rows}))"
    return f"select * exclude ({dropped}, _applies) replace ({listed}) from ({applies})"


def _new_values(contract: Contract, one: Correction) -> dict[str, str]:
    """SQL of what the correction makes of each column it changes; null where that cannot be worked out or held."""
    column, type_ = ident(one.column), SQL_TYPES[contract.columns[one.column].type]
    match one.kinds[0]:
        case "scale":
            return {one.column: f"try(cast({column} * {Decimal(str(one.scale)):f} as {type_}))"}
        case "swap":
            return {one.column: ident(str(one.swap)), str(one.swap): column}
        case "clear":
            return {one.column: f"cast(null as {type_})"}
        case "derive":
            return {one.column: f"try(cast(({one.derive}) as {type_}))"}
        case _:
            return {one.column: f"cast({text(str(one.fill))} as {type_})"}


def _applies(one: Correction) -> str:
    """Whether the correction changes the row; a condition that cannot be worked out does not hold."""
    column, new = ident(one.column), ident("new " + one.column)
    if one.kinds[0] in OF_GAPS:
        return f"{column} is null and {new} is not null"
    holds = f"coalesce(try(({one.clear or one.when})), false)"
    return f"{holds} and {column} is not null" + (f" and {new} is not null" if one.kinds[0] == "scale" else "")


def _days(contract: Contract, feed: Feed, new: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Business dates that follow from a timestamp which the correction changes."""
    for name, column in contract.columns.items():
        if column.business_date_of in new and name not in feed.mapping.columns:
            yield name, business_date(ident(f"new {column.business_date_of}"), feed.company_zone)
