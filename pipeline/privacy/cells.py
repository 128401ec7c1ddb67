"""What becomes of the cells of one delivered row when the person it is about is forgotten. Pure functions.

A cell only made use of for the person is emptied, or holds the stand-in where an id may not be missing. A cell that
something else is made from too keeps that: only the person's value is taken out of it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Cells = dict[str, str | None]


@dataclass(frozen=True)
class PersonColumn:
    """A column of an entity that is about a person, and how an export's landed columns make it.

    is_id: it tells which person a row is about, and is left alone in rows that matched by another column only.
    is_needed: the row would be lost without a value.
    """

    column: str
    sql: str
    reads: frozenset[str]
    is_id: bool
    is_needed: bool


@dataclass(frozen=True)
class Reading:
    """How one export feeds one entity, as far as people are concerned.

    `shared` are landed columns of the export that something else is made from as well.
    """

    namespace: str
    columns: tuple[PersonColumn, ...]
    each: str | None
    shared: frozenset[str]


def erased(
    reading: Reading, cells: Mapping[str, str | None], values: Sequence[str | None], tokens: Sequence[str | None]
) -> Cells:
    """The cells without the person; values and tokens go with reading.columns, a token where the column matched."""
    new = dict(cells)
    stand_in = next(one for one in tokens if one)
    found = zip(reading.columns, values, tokens, strict=True)
    # Those that leave a stand-in go first: what reads the same cell afterwards leaves it alone
    for column, value, token in sorted(found, key=lambda one: not (one[0].is_id or one[0].is_needed)):
        if column.is_id and token is None:
            continue
        put = stand_in if column.is_id or column.is_needed else None
        for name in column.reads & set(new):
            new[name] = _without(new[name], value, put, stand_in, is_shared=name in reading.shared)
    return new


def _without(cell: str | None, value: str | None, put: str | None, stand_in: str, *, is_shared: bool) -> str | None:
    if cell is None or stand_in in cell:
        return cell
    return taken_out(cell, value, put) if is_shared else put


def taken_out(cell: str, value: str | None, put: str | None) -> str | None:
    """The cell with the value replaced: as the whole cell, as a value within JSON, or as a part of the text."""
    if not value or not value.strip():
        return cell
    if _alike(cell, value):
        return put
    if cell.lstrip()[:1] in ("{", "["):
        try:
            return json.dumps(_within(json.loads(cell), value, put), ensure_ascii=False)
        except ValueError:
            pass
    # A whole word only: Al is no part of Alabama
    return re.sub(rf"(?<!\w){re.escape(value.strip())}(?!\w)", lambda _: put or "", cell, flags=re.IGNORECASE)


def _within(data: Any, value: str, put: str | None) -> Any:
    if isinstance(data, dict):
        return {key: _within(one, value, put) for key, one in data.items()}
    if isinstance(data, list):
        return [_within(one, value, put) for one in data]
    if isinstance(data, str):
        return taken_out(data, value, put)
    return put if data is not None and _alike(str(data), value) else data


def _alike(one: str, other: str) -> bool:
    return one.strip().lower() == other.strip().lower()
