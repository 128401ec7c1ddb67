"""The candidate: every row of one delivery mapped, corrected and typed, with the first rule it breaks.

One table in schema candidate per delivery and entity; the clean tables are untouched until the commit.
"""

from collections.abc import Iterator

from pipeline.clean.casts import cast_sql, is_rounded, mapped_form_sql, needs_sql_types
from pipeline.clean.corrections import Change, cast_column, corrected_sql, is_applied, kept_as_cast, value_changes
from pipeline.clean.mapping import unmapped
from pipeline.clean.moments import business_date, is_plausible, is_unusual_local_time, local_time
from pipeline.clean.pseudonym import pseudonym_sql
from pipeline.clean.sql import ident, text
from pipeline.contracts import SQL_TYPES, Contract, Correction
from pipeline.sources import Feed

_MOMENTS = ("date", "timestamp")


def text_column(name: str) -> str:
    """Name of the mapped text of a column inside the candidate."""
    return f"text of {name}"


def type_column(name: str) -> str:
    """Name of the SQL type of a mapped column's expression; there where needs_sql_types."""
    return f"type of {name}"


def value_column(name: str) -> str:
    """Name of a mapped column's text after trimming and declared corrections."""
    return f"value of {name}"


def kept_column(contract: Contract, name: str) -> str:
    """The one text of a mapped column that the candidate keeps beside the typed value, to tell what was changed.

    Of a text column the one before changes, as the one after is the value itself; of any other the one that was cast.
    """
    return text_column(name) if contract.columns[name].type == "text" else value_column(name)


def form_column(name: str) -> str:
    """Name of a column's text in the form its type is cast from."""
    return f"form of {name}"


def local_column(name: str) -> str:
    """Name of the local time a date or timestamp column was delivered as."""
    return f"local of {name}"


def mapped_sql(landed: str, feed: Feed) -> str:
    """Landed rows with one text column per mapped column, and whether the row is for this entity at all.

    `_fault` is the rule a row breaks before anything is cast: an expression that fails on it, or no array to take apart;
    `_gone` whether the row says that its key is gone.
    """
    conditions = {"where": feed.mapping.where, "deleted": feed.mapping.deleted}
    expressions = feed.mapping.columns | {name: sql for name, sql in conditions.items() if sql}
    # Wrapped, so that a null which is a value differs from the null of an expression that failed
    tried = [
        f"try({{'v': cast(({sql}) as {'BOOLEAN' if name in conditions else 'VARCHAR'})}}) as {ident('tried ' + name)}"
        for name, sql in expressions.items()
    ]
    failed = " ".join(f"when {ident('tried ' + name)} is null then {text(unmapped(name))}" for name in expressions)
    cells = [f"{ident('tried ' + name)}.v as {ident(text_column(name))}" for name in feed.mapping.columns]
    # A constant, known as soon as the expression is bound
    tried += [f"typeof({feed.mapping.columns[name]}) as {ident(type_column(name))}" for name in _typed_names(feed)]
    cells += [ident(type_column(name)) for name in _typed_names(feed)]
    # Of a row that could not be taken apart it counts only that it is surely for another entity
    where = f"coalesce({ident('tried where')}.v, {ident('tried where')} is null or _fault is not null)"
    belongs = where if feed.mapping.where else "true"
    gone = f"coalesce({ident('tried deleted')}.v, false)" if feed.mapping.deleted else "false"
    mapped = (
        f"select _source_row, _element, _load_id, {belongs} as _belongs, {gone} as _gone, coalesce(_fault, case {failed} end) as _fault,"
        f" {', '.join(cells)} from (select _source_row, _element, _load_id, _fault, {', '.join(tried)} from ({landed}))"
    )
    return _distinct(mapped, feed) if feed.mapping.distinct else mapped


def _typed_names(feed: Feed) -> list[str]:
    return list(feed.mapping.columns) if needs_sql_types(feed) else []


def _distinct(mapped: str, feed: Feed) -> str:
    """Rows alike in all mapped columns as one, the first of them; those with a fault stay, each for itself."""
    cells = ", ".join(
        [ident(text_column(name)) for name in feed.mapping.columns]
        + [ident(type_column(name)) for name in _typed_names(feed)]
    )
    grouped = (
        f"select _load_id, _belongs, _gone, _fault, {cells}, min({{'row': _source_row, 'element': _element}}) as _first"
        f" from ({mapped}) group by _load_id, _belongs, _gone, _fault, {cells}, case when _fault is not null then (_source_row, _element) end"
    )
    return f"select _first.row as _source_row, _first.element as _element, * exclude (_first) from ({grouped})"


def text_changes(contract: Contract, feed: Feed) -> list[Change]:
    """Changes made to the mapped text columns, in order: trim, then what is declared."""
    changes: list[Change] = []
    for name in (one for one in feed.mapping.columns if contract.columns[one].type == "text"):
        raw = ident(text_column(name))
        value = _trimmed(raw)
        changes.append(_change("trim", name, "blanks around a text mean nothing", raw, value))
        for one in _of(contract, name, "case", "replace"):
            after = _corrected(value, one)
            changes.append(_change(one.rule, name, one.reason, value, after))
            value = after
    return changes


def _of(contract: Contract, column: str, *kinds: str) -> Iterator[Correction]:
    """Corrections of a column of these kinds, in the order of the kinds."""
    return (one for kind in kinds for one in contract.corrections if one.column == column and one.kinds[0] == kind)


def _change(rule: str, column: str, reason: str, before: str, after: str) -> Change:
    named = rule if ":" in rule else f"{rule}:{column}"
    return Change(named, column, reason, before, after, f"({before} is distinct from {after} and {after} is not null)")


def _trimmed(raw: str) -> str:
    # Exports pad with no-break spaces, wide spaces and tabs too
    return f"nullif(trim({raw}, ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(12288)), '')"


def _corrected(value: str, correction: Correction) -> str:
    if correction.case:
        return f"{correction.case}({value})"
    whens = " ".join(f"when {text(old)} then {text(new)}" for old, new in (correction.replace or {}).items())
    return f"case {value} {whens} else {value} end"


def final_text(contract: Contract, name: str) -> str:
    """SQL of a mapped column's text after all text changes."""
    value = _trimmed(ident(text_column(name)))
    for one in _of(contract, name, "case", "replace"):
        value = _corrected(value, one)
    return value


def cast_changes(contract: Contract, feed: Feed) -> list[Change]:
    """What casting changes or decides beyond the text: money rounded to four decimals, odd local times."""
    changes = []
    for name in feed.mapping.columns:
        type_, value = contract.columns[name].type, ident(value_column(name))
        if type_ == "money":
            rounded = f"cast({ident(cast_column(name))} as VARCHAR)"
            changes.append(
                Change(
                    f"round:{name}", name, "money is kept to four decimals", value, rounded, is_applied(f"round:{name}")
                )
            )
        if type_ == "timestamp":
            reason = f"a local time in {feed.zone} that does not exist or exists twice takes the later offset"
            typed = ident(cast_column(name)) if name in kept_as_cast(contract, feed) else ident(name)
            unusual = is_unusual_local_time(ident(local_column(name)), typed, feed)
            changes.append(Change(f"local_time:{name}", name, reason, value, typed, unusual))
    return changes


def all_changes(contract: Contract, feed: Feed) -> list[Change]:
    """Everything cleaning may change of a delivered row, in the order in which it is done."""
    return text_changes(contract, feed) + cast_changes(contract, feed) + value_changes(contract)


def typed_sql(mapped: str, contract: Contract, feed: Feed, pseudonym_key: str) -> str:
    """Mapped rows typed, dated and corrected, with the first structural rule each row breaks.

    Adds `_row_id`, `_filled` (columns whose value was made), `_applied` (corrections made), `_rule` (null for a sound row)
    and `_reason`, which is found once it is known that there are such rows.
    """
    columns, mapped_names = contract.columns, list(feed.mapping.columns)
    moments = [name for name in mapped_names if columns[name].type in _MOMENTS]
    values = [f"{final_text(contract, name)} as {ident(value_column(name))}" for name in mapped_names]
    forms = [
        f"{mapped_form_sql(ident(value_column(name)), ident(type_column(name)), columns[name].type, feed)}"
        f" as {ident(form_column(name))}"
        for name in mapped_names
    ]
    locals_ = [f"{local_time(ident(form_column(name)))} as {ident(local_column(name))}" for name in moments]
    typed = [f"{_cast(contract, feed, name)} as {ident(name)}" for name in columns]
    as_cast = [
        f"{_dated_value(contract, feed, name)} as {ident(cast_column(name))}" for name in kept_as_cast(contract, feed)
    ]
    kept = ["_source_row", "_load_id", "_element", "_row_id", "_belongs", "_gone"]
    kept += [ident(kept_column(contract, name)) for name in mapped_names] + [
        ident(local_column(name)) for name in moments
    ]
    base = ", ".join([*kept, "_fault"])
    dated = [_dated(contract, feed, name) for name in columns]
    # One step a layer: an expression over the layer below is computed once, however often it is used
    cast_rows = f"""
        with mapped as ({mapped}),
        valued as (select *, {_row_id(feed)} as _row_id, {", ".join(values)} from mapped),
        formed as (select *, {", ".join(forms)} from valued),
        timed as (select {", ".join(["*", *locals_])} from formed),
        cast_rows as (select {base}, {", ".join(typed)}, {_rounded(contract, feed)} as _applied from timed)
        select {", ".join([base, *as_cast, *dated])}, _applied, {_uncast(contract, feed)} as _uncast from cast_rows
    """
    hidden = ", ".join(
        [*kept, *(ident(cast_column(name)) for name in kept_as_cast(contract, feed)), "_filled", "_applied"]
    )
    hidden += ", " + ", ".join(_hidden(contract, feed, name, pseudonym_key) for name in columns)
    rule = _rule_sql(contract, feed)
    corrected = corrected_sql(cast_rows, contract, feed)
    return f"select {hidden}, {rule} as _rule, cast(null as VARCHAR) as _reason from ({corrected})"


def _row_id(feed: Feed) -> str:
    """The same whenever the same file is loaded: its load, its row, and its place in the array it was taken from."""
    return "_load_id || '-' || _source_row" + (" || '-' || _element" if feed.mapping.each else "")


def _cast(contract: Contract, feed: Feed, name: str) -> str:
    type_ = contract.columns[name].type
    if name not in feed.mapping.columns:
        return f"cast(null as {SQL_TYPES[type_]})"
    return cast_sql(ident(form_column(name)), ident(local_column(name)), type_, feed)


def _rounded(contract: Contract, feed: Feed) -> str:
    """Which amounts were rounded, in the way corrections are noted as applied."""
    whens = [
        f"case when {is_rounded(ident(form_column(name)))} then {text(f',round:{name}')} end"
        for name in feed.mapping.columns
        if contract.columns[name].type == "money"
    ]
    return f"concat({', '.join(whens)})" if whens else "''"


def _dated(contract: Contract, feed: Feed, name: str) -> str:
    value = _dated_value(contract, feed, name)
    return value if value == ident(name) else f"{value} as {ident(name)}"


def _dated_value(contract: Contract, feed: Feed, name: str) -> str:
    """The value as delivered: of a business date that is not mapped, what its timestamp says."""
    origin = contract.columns[name].business_date_of
    if origin is None or name in feed.mapping.columns:
        return ident(name)
    return business_date(ident(origin), feed.company_zone)


def _hidden(contract: Contract, feed: Feed, name: str, key: str) -> str:
    """A column as the clean table may have it; of what is gone no personal value is kept."""
    column, value = contract.columns[name], ident(name)
    if column.personal == "drop":
        return f"cast(null as {SQL_TYPES[column.type]}) as {ident(name)}"
    if column.personal == "pseudonymize":
        value = pseudonym_sql(f"lower({value})", key)
    if column.personal and feed.mapping.deleted and name not in contract.key:
        value = f"case when not _gone then {value} end"
    return value if value == ident(name) else f"{value} as {ident(name)}"


def _uncast(contract: Contract, feed: Feed) -> str:
    """The first column whose text is there and did not cast."""
    whens = [
        f"when {ident(value_column(name))} is not null and {ident(name)} is null then {text('cast:' + name)}"
        for name in feed.mapping.columns
        if contract.columns[name].type != "text"
    ]
    return f"case {' '.join(whens)} end" if whens else "cast(null as VARCHAR)"


def _rule_sql(contract: Contract, feed: Feed) -> str:
    """The first structural rule a row breaks: a fault of the mapping, a value that does not cast, then a missing one."""
    impossible = [
        f"when not {is_plausible(ident(name))} then {text('cast:' + name)}"
        for name in feed.mapping.columns
        if contract.columns[name].type in _MOMENTS
    ]
    needed = [name for name, column in contract.columns.items() if column.required or name in contract.key]
    missing = [f"when {ident(name)} is null then {text('required:' + name)}" for name in needed]
    gone = f"when _gone then {_rule_of_gone(contract, feed)}" if feed.mapping.deleted else ""
    return (
        f"case when not _belongs then null {gone} when _fault is not null then _fault when _uncast is not null then _uncast"
        f" {' '.join([*impossible, *missing])} end"
    )


def _rule_of_gone(contract: Contract, feed: Feed) -> str:
    """Of a row that says that its key is gone nothing is needed but the key, and the version that tells since when."""
    needed = [*contract.key, *({contract.version} & set(feed.mapping.columns))]
    missing = " ".join(f"when {ident(str(name))} is null then {text(f'required:{name}')}" for name in needed)
    return f"case {missing} end"
