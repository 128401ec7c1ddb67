"""Holds the cells of a warehouse against those of the reference and words what differs."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb

from tests.pipeline.reference.cells import Cell, Cells
from tests.pipeline.reference.cohorts import Cohorts, Kept

# Money rounded per row in another order of steps, of which a daily bill makes thirty times as much a month; counts are
# whole, so any other count is further off.
TOLERANCE = Decimal("0.001")
TOLERANCE_RATE = Decimal("0.000001")
RELATIVE = 1e-9
SHOWN = 20


def read_cells(warehouse: Path, table: str = "kpis.kpi_values") -> dict[str, Cells]:
    """The cells in a table by KPI."""
    found: dict[str, Cells] = defaultdict(dict)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            f"select kpi_id, grain, period, dimension, member, numerator, denominator, value from {table}"
        ).fetchall()
    for kpi_id, grain, period, dimension, member, *cell in rows:
        found[kpi_id][grain, period, dimension, member] = (cell[0], cell[1], cell[2])
    return found


def read_catalog(warehouse: Path) -> set[str]:
    """The KPIs that are defined, with and without cells."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return {kpi_id for (kpi_id,) in connection.execute("select kpi_id from kpis.kpi_catalog").fetchall()}


def read_cohorts(warehouse: Path) -> Cohorts:
    """The cohorts of a warehouse."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select grain, cohort, subject, age, size, active, is_mature from kpis.retention_cohorts"
        ).fetchall()
    return {(grain, cohort, subject, age): Kept(*kept) for grain, cohort, subject, age, *kept in rows}


def differences(kpi_id: str, found: Cells, expected: Cells) -> list[str]:
    """One line per cell that is missing, too much or different, the first of them only; empty where all agree."""
    wrong = [
        (key, f"{found.get(key, 'no cell')} is to be {expected.get(key, 'no cell')}")
        for key in sorted(found.keys() | expected.keys())
        if key not in found or key not in expected or not agree(found[key], expected[key])
    ]
    lines = [f"  {' '.join(key)}: {told}".replace("Decimal", "") for key, told in wrong[:SHOWN]]
    return [f"{kpi_id}: {len(wrong)} of {len(found.keys() | expected.keys())} cells differ", *lines] if wrong else []


def agree(found: Cell, expected: Cell) -> bool:
    """Whether both sides and the value are the same but for rounding."""
    sides = [_close(one, other) for one, other in zip(found[:2], expected[:2], strict=True)]
    return all(sides) and _same_value(found, expected)


def _close(one: Decimal | None, other: Decimal | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= TOLERANCE + TOLERANCE_RATE * abs(other)


def _same_value(found: Cell, expected: Cell) -> bool:
    """Whether the values differ by no more than the sides' own rounding explains."""
    one, other = found[2], expected[2]
    if one is None or other is None:
        return one is other
    drift = sum(_drift(a, b) for a, b in zip(found[:2], expected[:2], strict=True))
    return abs(one - other) <= (RELATIVE + drift) * abs(other) + float(TOLERANCE if other == 0 and found[0] else 0)


def _drift(one: Decimal | None, other: Decimal | None) -> float:
    return float(abs(one - other) / abs(other)) if one is not None and other else 0.0
