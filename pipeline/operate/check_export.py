"""One export as `ops-summary check` sees it: its files, how they are read, what its columns become, and what is wrong.

Here belongs looking; what is said of it is in check_words.py, and which values do not cast in check_values.py.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from pipeline.clean.judge import MASK
from pipeline.clean.mapping import check_columns, columns_read, expression_mistakes, landed_sql, with_quoted_names
from pipeline.clean.names import nearest
from pipeline.clean.sql import ident, text
from pipeline.connector import Export
from pipeline.contracts import Contract
from pipeline.errors import RefusedDelivery, UserError
from pipeline.extract import Delivery, Found, discover, land_found
from pipeline.operate.check_values import LOOKED_AT, Uncast, broken_rules, helping_options, in_yaml, keep_rows, uncast
from pipeline.operate.personal_looks import looks_personal
from pipeline.operate.privacy import dropped
from pipeline.operate.project import Project
from pipeline.privacy.dropped import without_dropped
from pipeline.settings import now
from pipeline.sources import Feed

_SMALL = 1 << 18
_ALIKE = 0.7


@dataclass(frozen=True)
class ColumnSeen:
    """A column of the newest file: one of its values, masked where it is personal, and what is made of it."""

    name: str
    example: str
    becomes: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """An export as far as it was looked at. Of one that is not in a folder only the connector is known.

    `reading` is how the newest file is read (as load.json says it), `hints` are what may stay as it is.
    """

    source: str
    export: str
    entities: tuple[str, ...]
    is_contacted: bool = True
    files: tuple[str, ...] = ()
    reading: Mapping[str, Any] = field(default_factory=dict)
    rows: int = 0
    columns: tuple[ColumnSeen, ...] = ()
    hints: tuple[str, ...] = ()
    mistakes: tuple[UserError, ...] = ()


def look_at(project: Project, connection: duckdb.DuckDBPyConnection, source: str, name: str, scratch: Path) -> Seen:
    """Look at the first rows of every file of an export; endpoints and buckets are not contacted."""
    export = project.configuration.connectors[source].exports[name]
    feeds = [one for one in project.configuration.feeds() if (one.source, one.export) == (source, name)]
    seen = Seen(source, name, tuple(export.entities))
    if export.request is not None or project.configuration.file.sources[source].is_bucket:
        return replace(_judged(project, connection, seen, feeds, ()), is_contacted=False)
    try:
        found = discover(project.configuration.location(source), str(export.files), export.done_marker)
    except RefusedDelivery as error:
        return replace(seen, mistakes=(error, *_judged(project, connection, seen, feeds, ()).mistakes))
    refused, deliveries = _landed(project, connection, seen, export, found, scratch)
    judged = _judged(project, connection, seen, feeds, deliveries)
    judged = replace(judged, files=tuple(one.file for one in found), mistakes=(*refused, *judged.mistakes))
    return _with_columns(project, connection, judged, feeds, deliveries[-1]) if deliveries else judged


def _landed(
    project: Project,
    connection: duckdb.DuckDBPyConnection,
    seen: Seen,
    export: Export,
    found: Sequence[Found],
    scratch: Path,
) -> tuple[list[UserError], list[Delivery]]:
    heads = [replace(one, is_head=True) for one in found]
    gone = dropped(project, connection, export).columns
    result = land_found(connection, seen.source, seen.export, export, heads, scratch, landed_at=now(), dropped=gone)
    return [refusal.error for refusal in result.refused], result.deliveries


def _judged(
    project: Project,
    connection: duckdb.DuckDBPyConnection,
    seen: Seen,
    feeds: Sequence[Feed],
    deliveries: Sequence[Delivery],
) -> Seen:
    """What every feed makes of the deliveries."""
    mistakes: list[UserError] = []
    hints: list[str] = []
    columns = deliveries[-1].columns if deliveries else ()
    for feed in feeds:
        contract = project.contracts[feed.entity]
        wrong = expression_mistakes(connection, feed, columns)
        used = {name.lower() for sql in feed.mapping.expressions.values() for name in columns_read(connection, sql)}
        left = [name for name in columns if name.lower() not in used]
        mistakes += [*wrong, *_unmapped_mistakes(contract, feed, left)]
        hints += _unmapped_hints(contract, feed)
        # An expression that may not run is not bound to anything either
        for delivery in [] if wrong else deliveries:
            mistakes += _feed_mistakes(connection, contract, without_dropped(feed, contract), delivery, hints.append)
    return replace(seen, mistakes=tuple(mistakes), hints=tuple(dict.fromkeys(hints)))


def _needed(contract: Contract, feed: Feed) -> list[str]:
    """Columns no row may be without, which nothing is mapped to and nothing follows for."""
    filled = {one.column for one in contract.corrections if one.fill or one.derive}
    return [
        name
        for name, column in contract.columns.items()
        if (column.required or name in contract.key)
        and name not in feed.mapping.columns
        and name not in filled
        and column.business_date_of not in feed.mapping.columns
    ]


def _unmapped_mistakes(contract: Contract, feed: Feed, left: Sequence[str]) -> Iterator[UserError]:
    """A mistake for each column that has to be mapped, with the one of those left over that may be it."""
    for name in _needed(contract, feed):
        meant = nearest(name, left, _ALIKE)
        origin = contract.columns[name].business_date_of
        yield UserError(
            "a required column is not mapped",
            where=f"{feed.connector_file}, exports.{feed.export}.entities.{feed.entity}.columns",
            expected=f"{name}: {contract.columns[name].description}",
            action=(f"map it, or {origin}, which it follows from" if origin else "map it")
            + (f"; {meant!r} is left over, and has a like name" if meant else ""),
        )


def _unmapped_hints(contract: Contract, feed: Feed) -> Iterator[str]:
    needed = _needed(contract, feed)
    open_ = [one for one in contract.columns if one not in feed.mapping.columns and one not in needed]
    following = [one for one in open_ if contract.columns[one].business_date_of in feed.mapping.columns]
    optional = ", ".join(one for one in open_ if one not in following)
    if optional:
        yield f"{feed.entity} has further columns, which may stay unmapped: {optional}"
    for one in following:
        yield f"{feed.entity}.{one} follows from {contract.columns[one].business_date_of}"


def _feed_mistakes(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    feed: Feed,
    delivery: Delivery,
    hint: Callable[[str], None],
) -> Iterator[UserError]:
    feed = with_quoted_names(feed, delivery.columns)
    rows = landed_sql([delivery.folder / "rows.parquet"], delivery.columns, feed)
    try:
        check_columns(connection, rows, delivery.columns, feed, delivery.file)
    except RefusedDelivery as error:
        yield error
        return
    keep_rows(connection, rows, feed)
    total, rules = broken_rules(connection, contract, feed)
    # A row is counted under the first rule it breaks, so whether any value will not cast is known
    casts = any(rule.startswith("cast:") for rule, _, _ in rules)
    for found in uncast(connection, contract, feed) if casts else ():
        if found.bad > contract.max_quarantined * found.values:
            yield _uncast_mistake(connection, contract, feed, delivery, found)
        else:
            hint(
                f"{feed.entity}.{found.column}: {found.bad} of {found.values} values would not be read: {found.reason}"
            )
    unmapped = {f"required:{name}" for name in _needed(contract, feed)}
    for rule, bad, first in rules:
        if not rule.startswith("cast:") and rule not in unmapped and bad > contract.max_quarantined * total:
            yield _rule_mistake(contract, feed, delivery, rule, f"{bad} of {_first_rows(delivery, total)}", first)


def _uncast_mistake(
    connection: duckdb.DuckDBPyConnection, contract: Contract, feed: Feed, delivery: Delivery, found: Uncast
) -> UserError:
    options = [in_yaml(one) for one in helping_options(connection, contract, feed, found.column)]
    place = f"exports.{feed.export} of {feed.connector_file}"
    said = f"say {' or '.join(options)} in {place}; all {found.values} values are read so"
    if len(options) > 1:
        said += " either way, so you have to know which is meant"
    return UserError(
        f"{feed.entity}: {found.column} is no {contract.columns[found.column].type}",
        where=f"{delivery.file}, row {found.first_row}",
        found=f"{found.example if options else found.reason}, and so on: {found.bad} of {found.values} values",
        action=said if options else f"correct {found.column} in {place}, or what its read: says",
    )


def _rule_mistake(
    contract: Contract, feed: Feed, delivery: Delivery, rule: str, found: str, first_row: int
) -> UserError:
    kind, _, name = rule.partition(":")
    place = f"exports.{feed.export} of {feed.connector_file}"
    action = f"correct the mapping in {place}"
    if kind == "required":
        what, action = f"{name} is missing", f"{action}; rows that are none of this entity are left out by where"
        if delivery.bytes < _SMALL and first_row == delivery.rows:
            action += ", a last line of sums by read: {footer: …}, the text it begins with"
    elif kind == "mapping":
        what = f"{name} cannot be worked out: {' '.join(feed.mapping.expressions[name].split())}"
    else:
        what = f"{feed.mapping.each} is no JSON array"
    return UserError(
        f"{feed.entity}: {what}",
        where=f"{delivery.file}, row {first_row}",
        found=found,
        expected=f"at most {contract.max_quarantined:.0%}",
        action=action,
    )


def _first_rows(delivery: Delivery, total: int) -> str:
    return f"the first {total} rows" if delivery.rows >= LOOKED_AT or delivery.bytes >= _SMALL else f"{total} rows"


def _with_columns(
    project: Project, connection: duckdb.DuckDBPyConnection, seen: Seen, feeds: Sequence[Feed], delivery: Delivery
) -> Seen:
    """What is to be told of the newest file."""
    reading = json.loads((delivery.folder / "load.json").read_text(encoding="utf-8"))["read"]
    becomes, personal = _uses(project, connection, feeds, delivery.columns)
    examples = _examples(connection, delivery)
    columns = tuple(
        ColumnSeen(
            name, MASK if _is_hidden(example, name in becomes, name in personal) else example, becomes.get(name, ())
        )
        for name, example in zip(delivery.columns, examples, strict=True)
    )
    return replace(seen, reading=reading, rows=delivery.rows, columns=columns)


def _is_hidden(example: str, is_mapped: bool, is_personal: bool) -> bool:
    """What a mapped column holds its contract knows; of any other only its look tells, and an address everywhere."""
    return bool(example) and (is_personal or "@" in example or (not is_mapped and looks_personal(example)))


def _uses(
    project: Project, connection: duckdb.DuckDBPyConnection, feeds: Sequence[Feed], columns: Sequence[str]
) -> tuple[dict[str, tuple[str, ...]], set[str]]:
    """By column of the export what is made of it, and which columns something personal is made of."""
    landed = {name.lower(): name for name in columns}
    uses: dict[str, list[str]] = {}
    personal: set[str] = set()
    for feed in feeds:
        for target, sql in feed.mapping.expressions.items():
            for name in {landed[one.lower()] for one in columns_read(connection, sql) if one.lower() in landed}:
                uses.setdefault(name, []).append(f"{feed.entity}.{target}" if len(feeds) > 1 else target)
                personal |= {name} if target in project.contracts[feed.entity].personal_columns else set()
    return {name: tuple(made) for name, made in uses.items()}, personal


def _examples(connection: duckdb.DuckDBPyConnection, delivery: Delivery) -> list[str]:
    """The first value of each column that is not empty, else an empty text."""
    cells = ", ".join(
        f"coalesce(arg_min({ident(one)}, _source_row) filter (trim({ident(one)}) <> ''), '')"
        for one in delivery.columns
    )
    rows = connection.execute(f"select {cells} from read_parquet({text(delivery.folder / 'rows.parquet')})").fetchall()
    return [str(value) for value in rows[0]]
