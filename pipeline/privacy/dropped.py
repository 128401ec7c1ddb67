"""What a contract marks `personal: drop`: which columns of an export are therefore never landed.

A landed column is left out where only dropped columns are made from it. One that something else is made from too has
to be landed; the dropped column is null all the same, and a sentence says so.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.connector import Export
from pipeline.contracts import Contract, Contracts
from pipeline.sources import Feed

ColumnsRead = Callable[[str], set[str]]


@dataclass(frozen=True)
class Dropped:
    """Columns of an export that are not landed (lower case), and a sentence for each that has to be landed."""

    columns: frozenset[str]
    notes: tuple[str, ...]


def without_dropped(feed: Feed, contract: Contract) -> Feed:
    """The feed without its dropped columns: they are null in the clean table, like columns nobody maps."""
    kept = {name: sql for name, sql in feed.mapping.columns.items() if not _is_dropped(contract, name)}
    return feed.model_copy(update={"mapping": feed.mapping.model_copy(update={"columns": kept})})


def never_landed(export: Export, contracts: Contracts, columns_read: ColumnsRead) -> Dropped:
    """What of an export is not landed, read from its mappings to all entities."""
    dropped = {
        (entity, name): _read(sql, columns_read)
        for entity, mapping in export.entities.items()
        for name, sql in mapping.columns.items()
        if _is_dropped(contracts[entity], name)
    }
    needed = _needed(export, contracts, columns_read) if dropped else {}
    gone = frozenset(column for read in dropped.values() for column in read if column not in needed)
    return Dropped(gone, tuple(_notes(dropped, needed)))


def _is_dropped(contract: Contract, name: str) -> bool:
    column = contract.columns.get(name)
    return column is not None and column.personal == "drop"


def _read(sql: str, columns_read: ColumnsRead) -> set[str]:
    # Columns are named without regard to case; a bare name such as e-mail reads like a difference of two
    return {name.strip().strip('"').lower() for name in {*columns_read(sql), sql} if name.strip()}


def _needed(export: Export, contracts: Contracts, columns_read: ColumnsRead) -> dict[str, str]:
    """Landed columns that something is made from which is not dropped, with what it is."""
    expressions = [
        (f"{entity}.{name}", sql)
        for entity, mapping in export.entities.items()
        for name, sql in mapping.expressions.items()
        if not _is_dropped(contracts[entity], name)
    ]
    expressions += [("a total the file states", one.equals) for one in export.totals]
    return {column: what for what, sql in expressions for column in _read(sql, columns_read)}


def _notes(dropped: Mapping[tuple[str, str], set[str]], needed: Mapping[str, str]) -> Iterator[str]:
    for (entity, name), read in dropped.items():
        for column in sorted(read & set(needed)):
            yield f"{entity}.{name} is dropped, but {column} is landed, for {needed[column]} is made from it too"
