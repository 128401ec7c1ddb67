"""How counted things become cells: coverage, periods, members, and the two sides of a fraction."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

from tests.pipeline.reference.periods import Span, span, spans
from tests.pipeline.reference.world import PLACES, Coverage, World

EVERY = ("day", "week", "month", "quarter", "year", "all")
LONG = ("month", "quarter", "year")
SESSION = ("channel", "device", "country", "channel+device")
DEAL = ("owner", "team", "region", "product", "segment", "industry")
NOTHING: Mapping[str, str | None] = {}

Key = tuple[str, str, str, str]
Cell = tuple[Decimal | None, Decimal | None, float | None]
Cells = dict[Key, Cell]


@dataclass(frozen=True)
class Fact:
    """One counted thing: its day, its members, and what it puts on either side; None puts nothing there.

    `entity` is the one whose own days bound it in grain all, for KPIs of which each side has its own.
    """

    day: date | None
    members: Mapping[str, str | None] = field(default_factory=dict)
    above: Any = None
    below: Any = None
    entity: str | None = None


@dataclass(frozen=True)
class Kpi:
    """What a KPI's cells are divided by, and the entities whose common days it is counted on."""

    grains: tuple[str, ...]
    dimensions: tuple[str, ...]
    entities: tuple[str, ...]


Make = Callable[[list[Fact]], Cell]


def by_day(world: World, kpi: Kpi, facts: Iterable[Fact], make: Make) -> Cells:
    """Cells of things that have a day: each counts in the periods of its day, what has none in grain all alone."""
    covered = world.coverage(kpi.entities)
    if covered is None:
        return {}
    groups: dict[Key, list[Fact]] = {(one.grain, one.label, "all", "all"): [] for one in _spans(world, kpi, covered)}
    for fact in facts:
        members = _members(kpi, fact)
        for grain, label in _periods(world, kpi, fact, covered):
            for dimension, name in members:
                groups.setdefault((grain, label, dimension, name), []).append(fact)
    return {group: make(counted) for group, counted in groups.items()}


def by_period(world: World, kpi: Kpi, facts_of: Callable[[Span], Iterable[Fact]], make: Make) -> Cells:
    """Cells of what stands at a period's end, or can only be told of a whole period; its facts' days do not matter.

    The period handed on ends with the coverage; grain all is the whole coverage.
    """
    covered = world.coverage(kpi.entities)
    if covered is None:
        return {}
    groups: dict[Key, list[Fact]] = defaultdict(list)
    for one in _spans(world, kpi, covered):
        groups[one.grain, one.label, "all", "all"] = []
        for fact in facts_of(replace(one, end=min(one.end, covered[1]))):
            for dimension, name in _members(kpi, fact):
                groups[one.grain, one.label, dimension, name].append(fact)
    return {group: make(counted) for group, counted in groups.items()}


def additive(facts: list[Fact]) -> Cell:
    """The sum above; nothing below."""
    above = total(fact.above for fact in facts)
    return above, None, float(above)


def distinct(facts: list[Fact]) -> Cell:
    """How many different things stand above; nothing below."""
    above = different(fact.above for fact in facts)
    return above, None, float(above)


def stock(facts: list[Fact]) -> Cell:
    """The sum above and how many have an amount; null where there are things and none has one."""
    amounts = [fact.above for fact in facts if fact.above is not None]
    if facts and not amounts:
        return None, Decimal(0), None
    above = total(amounts)
    return above, Decimal(len(amounts)), float(above)


def middle(facts: list[Fact]) -> Cell:
    """The median of what stands above, to six decimals, and how many there are."""
    values = [fact.above for fact in facts if fact.above is not None]
    return None, Decimal(len(values)), round(median(values), 6) if values else None


Fold = Callable[[Iterable[Any]], Decimal]


def total(values: Iterable[Any]) -> Decimal:
    """The sum of all that is not null."""
    return sum((exact(value) for value in values if value is not None), Decimal(0)).quantize(PLACES)


def different(values: Iterable[Any]) -> Decimal:
    """How many different ones there are, null left out."""
    return Decimal(len({value for value in values if value is not None}))


def fraction(above: Fold = total, below: Fold = total, scale: int = 1) -> Make:
    """What stands above over what stands below."""

    def make(facts: list[Fact]) -> Cell:
        return divided(above(fact.above for fact in facts), below(fact.below for fact in facts), scale)

    return make


def divided(above: Decimal, below: Decimal, scale: int = 1) -> Cell:
    """A cell of two sides; null over nothing."""
    above, below = above.quantize(PLACES), below.quantize(PLACES)
    return above, below, float(scale * above / below) if below else None


def exact(value: Any) -> Decimal:
    """The number as it is written."""
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def member(value: str | None) -> str:
    """What a dimension calls the value."""
    return (value or "").strip() or "unknown"


def within(day: date | None, covered: Coverage | None) -> bool:
    """Whether there is a day and it is covered."""
    return day is not None and covered is not None and covered[0] <= day <= covered[1]


def _spans(world: World, kpi: Kpi, covered: Coverage) -> Iterator[Span]:
    for grain in kpi.grains:
        if grain == "all":
            yield Span("all", "all", *covered)
        else:
            yield from spans(grain, *covered, world.year_start)


def _periods(world: World, kpi: Kpi, fact: Fact, covered: Coverage) -> Iterator[tuple[str, str]]:
    own = world.coverage([fact.entity]) if fact.entity else covered
    for grain in kpi.grains:
        if grain == "all" and (fact.day is None or within(fact.day, own)):
            yield "all", "all"
        elif grain != "all" and fact.day is not None and within(fact.day, covered):
            yield grain, span(grain, fact.day, world.year_start).label


def _members(kpi: Kpi, fact: Fact) -> list[tuple[str, str]]:
    own = [
        (dimension, "+".join([member(fact.members.get(part)) for part in dimension.split("+")]))
        for dimension in kpi.dimensions
    ]
    return [("all", "all"), *own]
