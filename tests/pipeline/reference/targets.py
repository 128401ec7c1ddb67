"""Targets of additive KPIs: the newest that was set, else the sum of all parts."""

from decimal import Decimal

from tests.pipeline.reference.cells import exact
from tests.pipeline.reference.periods import DAY, Span, span
from tests.pipeline.reference.world import World

Targets = dict[tuple[Span, str, str], Decimal]


def targets(world: World, kpi_id: str) -> Targets:
    """Per period, dimension and member what is to be reached of an additive KPI."""
    found: Targets = {}
    rows = [row for row in world.rows("planning.targets") if row["kpi_id"] == kpi_id and row["target"] is not None]
    for row in sorted(rows, key=lambda row: str(row["updated_at"] or "")):
        period = world.period(row["period"])
        if period:
            found[period, row["dimension"], row["member"]] = exact(row["target"])
    for part, whole in (("month", "quarter"), ("quarter", "year")):
        found = {**_sums(world, found, part, whole), **found}
    return found


def _sums(world: World, found: Targets, part: str, whole: str) -> Targets:
    """The sums of the periods of which every part has a target."""
    wholes = {
        (span(whole, period.start, world.year_start), dimension, member)
        for period, dimension, member in found
        if period.grain == part
    }
    sums: Targets = {}
    for period, dimension, member in wholes:
        amounts = [found.get((one, dimension, member)) for one in _parts(period, part, world.year_start)]
        set_amounts = [amount for amount in amounts if amount is not None]
        if len(set_amounts) == len(amounts):
            sums[period, dimension, member] = sum(set_amounts, Decimal(0))
    return sums


def _parts(period: Span, grain: str, year_start: int) -> list[Span]:
    parts = [span(grain, period.start, year_start)]
    while parts[-1].end < period.end:
        parts.append(span(grain, parts[-1].end + DAY, year_start))
    return parts
