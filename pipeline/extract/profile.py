"""What the cells of each column look like, so that a column that turns from one type into another is noticed."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

SAMPLE_ROWS = 2_000
# A column is of a kind when nearly all its cells are, and has left it when most are not
IS_OF_KIND, HAS_LEFT = 0.95, 0.5
# Fewer cells than these tell nothing
ENOUGH = 5

# A cast that fails costs more than a look at the first characters, and of a text it always fails
_COUNTS = """count({cell}),
    count(case when left({cell}, 1) in ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '-', '+', '.')
        then try_cast({cell} as double) end),
    count(case when {cell} like '____-__-__%' then try_cast({cell} as timestamp) end)"""

Profile = Mapping[str, Mapping[str, int]]


def profile(cursor: duckdb.DuckDBPyConnection, rows: Path, columns: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """By column, of its first rows: cells that are not empty, and those of them that are numbers and dates.

    A number is what the database casts to one, whole or not: an amount is no less an amount for being round. A date
    is any ISO 8601 date or timestamp.
    """
    if not columns:
        return {}
    counts = ", ".join(_COUNTS.format(cell=f"c{at}") for at in range(len(columns)))
    cells = ", ".join(f"nullif(trim({_ident(name)}), '') as c{at}" for at, name in enumerate(columns))
    query = f"select {counts} from (select {cells} from read_parquet(?) limit {SAMPLE_ROWS})"
    numbers = cursor.execute(query, [str(rows)]).fetchall()[0]
    kinds = ("filled", "number", "date")
    return {name: dict(zip(kinds, numbers[3 * at : 3 * at + 3], strict=True)) for at, name in enumerate(columns)}


def retyped(before: Profile, now: Profile) -> Iterator[tuple[str, str]]:
    """Columns that were of one kind and no longer are, each with what it was and what it is."""
    for name, cells in now.items():
        earlier = before.get(name)
        if earlier is None or min(earlier["filled"], cells["filled"]) < ENOUGH:
            continue
        old = _kind(earlier)
        if old != _kind(cells) and _share(cells, old) < HAS_LEFT:
            yield name, f"was {_told(earlier, old)}, is {_told(cells, old)}"


def _kind(cells: Mapping[str, int]) -> str:
    return next((kind for kind in ("number", "date") if _share(cells, kind) >= IS_OF_KIND), "text")


def _share(cells: Mapping[str, int], kind: str) -> float:
    """Share of the filled cells; whatever is neither number nor date is text."""
    if kind == "text":
        return 1 - (cells["number"] + cells["date"]) / cells["filled"]
    return cells[kind] / cells["filled"]


def _told(cells: Mapping[str, int], old: str) -> str:
    kind = _kind(cells)
    return f"{kind} in {_share(cells, kind):.0%} of {cells['filled']:,} cells" + (
        f" and {old} in {_share(cells, old):.0%}" if kind != old else ""
    )


def _ident(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
