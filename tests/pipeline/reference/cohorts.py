"""How many of those who first came in a period come again in later ones."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from tests.pipeline.reference.cells import within
from tests.pipeline.reference.customers import customers
from tests.pipeline.reference.periods import spans
from tests.pipeline.reference.web import SESSIONS, first_visits, visits
from tests.pipeline.reference.world import Coverage, World

Cohorts = dict[tuple[str, str, str, int], "Kept"]


class Kept(NamedTuple):
    """How many there were, how many came again, and whether that period is over."""

    size: int
    active: int
    is_mature: bool


def retention_cohorts(world: World) -> Cohorts:
    """By grain, cohort, subject and age."""
    firsts = {user: visit.day for user, visit in first_visits(world).items()}
    came = [(visit.user, visit.day) for visit in visits(world) if visit.user]
    users = _cohorts(world, "user", world.coverage(SESSIONS), firsts, came)
    order_days = customers(world).order_days()
    bought = [(customer, day) for customer, days in order_days.items() for day in days]
    first_orders = {customer: days[0] for customer, days in order_days.items()}
    return {**users, **_cohorts(world, "customer", world.coverage(("finance.orders",)), first_orders, bought)}


def _cohorts(
    world: World, subject: str, covered: Coverage | None, firsts: dict[str, date], came: Iterable[tuple[str, date]]
) -> Cohorts:
    found: Cohorts = {}
    days: dict[str, set[date]] = defaultdict(set)
    for who, day in came:
        if within(day, covered):
            days[who].add(day)
    for grain in ("week", "month") if covered else ():
        periods = spans(grain, *covered, world.year_start) if covered else []
        for number, cohort in enumerate(periods):
            members = [who for who, day in firsts.items() if cohort.start <= day <= cohort.end and within(day, covered)]
            for age, period in enumerate(periods[number:] if members else []):
                active = sum(any(period.start <= day <= period.end for day in days[who]) for who in members)
                is_mature = covered is not None and period.end <= covered[1]
                found[grain, cohort.label, subject, age] = Kept(len(members), active, is_mature)
    return found
