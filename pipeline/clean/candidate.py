"""The candidate: every row of one delivery mapped, corrected and typed, with the first rule it breaks.

One table in schema candidate per delivery and entity; the clean tables are untouched until the commit.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.clean.casts import business_date, cast_sql, is_rounded, is_unusual_local_time, local_time
from pipeline.clean.sql import ident, text
from pipeline.contracts import SQL_TYPES, Contract, Correction
from pipeline.sources import Feed


@dataclass(frozen=True)
class Change:
    """One declared change of one column: SQL before and after it, and when a cell counts as changed."""

    rule: str
    column: str
    reason: str
    before: str
    after: str
    is_changed: str


def text_column(name: str) -> str:
    """Name of the mapped text of a column inside the candidate."""
    return f"text of {name}"


def value_column(name: str) -> str:
    """Name of a mapped column's text after trimming and declared corrections."""
    return f"value of {name}"


def kept_column(contract: Contract, name: str) -> str:
    """The one text of a mapped column that the candidate keeps beside the typed value, to tell what was changed.

    Of a text column the one before changes, as the one after is the value itself; of any other the one that was cast.
    """
    return text_column(name) if contract.columns[name].type == "text" else value_column(name)


def local_column(name: str) -> str:
    """Name of the local time a date or timestamp column was delivered as."""
    return f"local of {name}"


def mapped_sql(landed: str, feed: Feed) -> str:
    """Landed rows with one text column per mapped column, and whether the row is for this entity at all."""
    belongs = f"coalesce(({feed.mapping.where}), false)" if feed.mapping.where else "true"
    cells = [f"cast(({sql}) as VARCHAR) as {ident(text_column(name))}" for name, sql in feed.mapping.columns.items()]
    return f"select _source_row, _load_id, {belongs} as _belongs, {', '.join(cells)} from ({landed})"


def text_changes(contract: Contract, feed: Feed) -> list[Change]:
    """Changes made to the mapped text columns, in order: trim, then what is declared."""
    changes: list[Change] = []
    for name in (one for one in feed.mapping.columns if contract.columns[one].type == "text"):
        raw = ident(text_column(name))
        value = _trimmed(raw)
        changes.append(_change("trim", name, "blanks around a text mean nothing", raw, value))
        for one in _of(contract, name, "replace", "case"):
            after = _corrected(value, one)
            changes.append(_change(one.rule, name, one.reason, value, after))
            value = after
    return changes


def _of(contract: Contract, column: str, *kinds: str) -> Iterator[Correction]:
    return (one for one in contract.corrections if one.column == column and one.kinds[0] in kinds)


def _change(rule: str, column: str, reason: str, before: str, after: str) -> Change:
    named = rule if ":" in rule else f"{rule}:{column}"
    return Change(named, column, reason, before, after, f"({before} is distinct from {after} and {after} is not null)")


def _trimmed(raw: str) -> str:
    # Exports pad with no-break spaces and tabs too
    return f"nullif(trim({raw}, ' ' || chr(9) || chr(10) || chr(13) || chr(160)), '')"


def _corrected(value: str, correction: Correction) -> str:
    if correction.case:
        return f"{correction.case}({value})"
    whens = " ".join(f"when {text(old)} then {text(new)}" for old, new in (correction.replace or {}).items())
    return f"case {value} {whens} else {value} end"


def final_text(contract: Contract, name: str) -> str:
    """SQL of a mapped column's text after all text changes."""
    value = _trimmed(ident(text_column(name)))
    for one in _of(contract, name, "replace", "case"):
        value = _corrected(value, one)
    return value


def cast_changes(contract: Contract, feed: Feed) -> list[Change]:
    """What casting changes or decides beyond the text: money rounded to four decimals, odd local times."""
    changes = []
    for name in feed.mapping.columns:
        type_, value, typed = contract.columns[name].type, ident(value_column(name)), ident(name)
        if type_ == "money":
            changes.append(
                Change(f"round:{name}", name, "money is kept to four decimals", value, typed, is_rounded(value, feed))
            )
        if type_ == "timestamp":
            reason = f"a local time in {feed.zone} that does not exist or exists twice takes the later offset"
            unusual = is_unusual_local_time(ident(local_column(name)), typed, feed)
            changes.append(Change(f"local_time:{name}", name, reason, value, typed, unusual))
    return changes


def typed_sql(mapped: str, contract: Contract, feed: Feed, pseudonym_key: str) -> str:
    """Mapped rows typed, dated, derived and filled, with the first structural rule each row breaks.

    Adds `_filled` (columns filled or derived), `_rule` and `_reason` (null for a sound row).
    """
    names, mapped_names = list(contract.columns), list(feed.mapping.columns)
    times = [name for name in mapped_names if contract.columns[name].type in ("date", "timestamp")]
    values = [f"{final_text(contract, name)} as {ident(value_column(name))}" for name in mapped_names]
    locals_ = [f"{local_time(ident(value_column(name)), feed)} as {ident(local_column(name))}" for name in times]
    cast = [f"{_cast(contract, feed, name)} as {ident(name)}" for name in names]
    dated = [_dated(contract, feed, name) for name in names]
    gaps = [one for one in contract.corrections if one.kinds[0] in ("derive", "fill")]
    filled = [_filled(contract, name, gaps) for name in names]
    flags = ", ".join(f"case when {_is_gap(contract, one)} then {text(one.column)} end" for one in gaps) or "null"
    hidden = [_hidden(contract, name, pseudonym_key) for name in names]
    kept = ["_source_row", "_load_id", "_belongs", *(ident(kept_column(contract, name)) for name in mapped_names)]
    kept += [ident(local_column(name)) for name in times]
    base = ", ".join(kept)
    # One step a layer: an expression over the layer below is computed once, however often it is used
    return f"""
    with mapped as ({mapped}),
    valued as (select *, {", ".join(values)} from mapped),
    timed as (select {", ".join(["*", *locals_])} from valued),
    cast_rows as (select {base}, {", ".join(cast)} from timed),
    dated as (select {base}, {", ".join(dated)} from cast_rows),
    filled as (select {base}, {", ".join(filled)}, nullif(concat_ws(',', {flags}), '') as _filled from dated)
    select {base}, {", ".join(hidden)}, _filled, {_rule_sql(contract, feed)} as _rule, cast(null as VARCHAR) as _reason
    from filled
    """


def _cast(contract: Contract, feed: Feed, name: str) -> str:
    type_ = contract.columns[name].type
    if name not in feed.mapping.columns:
        return f"cast(null as {SQL_TYPES[type_]})"
    return cast_sql(ident(value_column(name)), ident(local_column(name)), type_, feed)


def _dated(contract: Contract, feed: Feed, name: str) -> str:
    origin = contract.columns[name].business_date_of
    if origin is None or name in feed.mapping.columns:
        return ident(name)
    return f"{business_date(ident(origin), feed.company_zone)} as {ident(name)}"


def _is_gap(contract: Contract, one: Correction) -> str:
    """Whether this rule gave the column its value: nothing was there, and the rule had something to give."""
    column = ident(one.column)
    return f"{column} is null and ({_gap_value(contract, one)}) is not null"


def _gap_value(contract: Contract, one: Correction) -> str:
    value = f"({one.derive})" if one.derive else text(str(one.fill))
    return f"cast({value} as {SQL_TYPES[contract.columns[one.column].type]})"


def _filled(contract: Contract, name: str, gaps: list[Correction]) -> str:
    values = [_gap_value(contract, one) for one in gaps if one.column == name]
    return f"coalesce({', '.join([ident(name), *values])}) as {ident(name)}" if values else ident(name)


def gap_changes(contract: Contract) -> list[Change]:
    """Derived and filled values, countable on the finished candidate by its _filled flags."""
    changes = []
    for one in contract.corrections:
        if one.kinds[0] in ("derive", "fill"):
            flagged = f"list_contains(string_split(_filled, ','), {text(one.column)})"
            after = f"cast({ident(one.column)} as VARCHAR)"
            changes.append(
                Change(one.rule, one.column, one.reason, "cast(null as VARCHAR)", after, f"coalesce({flagged}, false)")
            )
    return changes


def _hidden(contract: Contract, name: str, key: str) -> str:
    if contract.columns[name].personal != "pseudonymize":
        return ident(name)
    return f"sha256({text(key)} || lower({ident(name)})) as {ident(name)}"


def _rule_sql(contract: Contract, feed: Feed) -> str:
    """The first structural rule a row breaks: a value that does not cast, then a missing one."""
    whens = [
        f"when {ident(value_column(name))} is not null and {ident(name)} is null then {text('cast:' + name)}"
        for name in feed.mapping.columns
        if contract.columns[name].type != "text"
    ]
    needed = [name for name, column in contract.columns.items() if column.required or name in contract.key]
    whens += [f"when {ident(name)} is null then {text('required:' + name)}" for name in needed]
    return f"case when not _belongs then null {' '.join(whens)} end"
