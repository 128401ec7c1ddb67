"""Sessions, users and the steps of the funnel."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from tests.pipeline.reference.cells import (
    EVERY,
    SESSION,
    Cells,
    Fact,
    Kpi,
    additive,
    by_day,
    by_period,
    different,
    distinct,
    fraction,
    total,
    within,
)
from tests.pipeline.reference.periods import DATED, DAY, Span, days, span
from tests.pipeline.reference.world import Row, World, key

SESSIONS = ("analytics.sessions",)
# sorts after every written time
LAST = "~"
STEPS = ("product_view", "add_to_cart", "checkout", "purchase")


@dataclass(frozen=True)
class Visit:
    """One session and whose it was."""

    session: str
    user: str | None
    day: date
    order: tuple[date, str, str]
    members: dict[str, str | None]
    seconds: float | None


@cache
def visits(world: World) -> list[Visit]:
    """Every session up to as_of, before the coverage too."""
    rows = [row for row in world.rows("analytics.sessions") if world.happened(row["session_date"])]
    return [_visit(row) for row in rows]


@cache
def first_visits(world: World) -> dict[str, Visit]:
    """The first session ever of each user."""
    firsts: dict[str, Visit] = {}
    for visit in sorted(visits(world), key=lambda one: one.order):
        if visit.user:
            firsts.setdefault(visit.user, visit)
    return firsts


def sessions(world: World) -> Cells:
    return by_day(world, Kpi(EVERY, SESSION, SESSIONS), _facts(world, above=lambda visit: 1), additive)


def active_users(world: World) -> Cells:
    return by_day(world, Kpi(EVERY, SESSION, SESSIONS), _facts(world, above=lambda visit: visit.user), distinct)


def new_users(world: World) -> Cells:
    firsts = [Fact(visit.day, visit.members, 1) for visit in first_visits(world).values()]
    return by_day(world, Kpi(EVERY, SESSION, SESSIONS), firsts, additive)


def sessions_per_user(world: World) -> Cells:
    facts = _facts(world, above=lambda visit: 1, below=lambda visit: visit.user)
    return by_day(world, Kpi(EVERY, SESSION, SESSIONS), facts, fraction(total, different))


def average_engagement_time(world: World) -> Cells:
    if all(visit.seconds is None for visit in visits(world)):
        return {}
    facts = _facts(world, above=lambda visit: visit.seconds, below=lambda visit: visit.user)
    return by_day(world, Kpi(EVERY, SESSION, SESSIONS), facts, fraction(total, different))


def user_growth_rate(world: World) -> Cells:
    firsts = list(first_visits(world).values())
    covered = world.coverage(SESSIONS)

    def facts(period: Span) -> Iterator[Fact]:
        for visit in firsts:
            if visit.day < period.start:
                yield Fact(None, visit.members, below=1)
            elif visit.day <= period.end and within(visit.day, covered):
                yield Fact(None, visit.members, above=1)

    return by_period(world, Kpi(EVERY, SESSION, SESSIONS), facts, fraction())


def stickiness(world: World) -> Cells:
    """Users of a mean covered day over users of the period."""
    return {**_stickiness(world, "week"), **_stickiness(world, "month")}


def _stickiness(world: World, grain: str) -> Cells:
    covered = world.coverage(SESSIONS)
    labels = [span(grain, day, world.year_start).label for day in days(*covered)] if covered else []

    def user_day(visit: Visit) -> tuple[str | None, date, int]:
        return visit.user, visit.day, labels.count(span(grain, visit.day, world.year_start).label)

    facts = _facts(world, above=user_day, below=lambda visit: visit.user)
    return by_day(world, Kpi((grain,), SESSION, SESSIONS), facts, fraction(_daily_mean, different))


def _daily_mean(user_days: Iterable[tuple[str | None, date, int]]) -> Decimal:
    """Different users of each day, added up over days, over the number of covered days that comes with each."""
    found = set(user_days)
    return sum((Decimal(1) / length for _, _, length in found), Decimal(0))


def user_retention_rate(world: World) -> Cells:
    """Users of the period before who came again; only covered days are known of."""
    firsts = first_visits(world)
    covered = world.coverage(SESSIONS)
    active: dict[tuple[str, str], set[str]] = defaultdict(set)
    for visit in visits(world):
        if visit.user and within(visit.day, covered):
            for grain in DATED:
                active[grain, span(grain, visit.day, world.year_start).label].add(visit.user)

    def facts(period: Span) -> Iterator[Fact]:
        before = span(period.grain, period.start - DAY, world.year_start)
        for user in active[period.grain, before.label]:
            came_again = user in active[period.grain, period.label]
            yield Fact(None, firsts[user].members, above=int(came_again), below=1)

    return by_period(world, Kpi(DATED, ("channel", "device", "country"), SESSIONS), facts, fraction())


def session_conversion_rate(world: World) -> Cells:
    ordered = {key(row, "session_id") for row in counted_orders(world)}
    facts = _facts(world, above=lambda visit: int(visit.session in ordered), below=lambda visit: 1)
    return by_day(world, Kpi(EVERY, SESSION, ("analytics.sessions", "finance.orders")), facts, fraction())


@cache
def counted_orders(world: World) -> list[Row]:
    """The orders KPIs count: neither cancelled nor a test, placed by as_of."""
    return [
        row
        for row in world.rows("finance.orders")
        if row["status"] != "cancelled" and not row["is_test"] and world.happened(row["order_date"])
    ]


def funnel_rate(world: World, step: str) -> Cells:
    """Sessions that reached the step, over those that reached the one before; a session that reached neither is counted too."""
    times: dict[str, dict[str, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    for row in world.rows("analytics.events"):
        session = key(row, "session_id")
        if session and row["occurred_at"]:
            times[session][row["event_name"]].append(row["occurred_at"])
    position = STEPS.index(step) + 1
    reached = {session: _reached(found) for session, found in times.items()}
    kpi = Kpi(EVERY, SESSION, ("analytics.sessions", "analytics.events"))
    steps = [(visit, reached.get(visit.session, 0)) for visit in visits(world)]
    facts = [
        Fact(visit.day, visit.members, int(count >= position), int(count >= position - 1)) for visit, count in steps
    ]
    return by_day(world, kpi, facts, fraction())


def _reached(found: dict[str, list[datetime]]) -> int:
    """How many steps were taken one after the other."""
    since: datetime | None = None
    for number, step in enumerate(STEPS):
        later = [moment for moment in found.get(step, ()) if since is None or moment >= since]
        if not later:
            return number
        since = min(later)
    return len(STEPS)


def _facts(world: World, above: Any, below: Any = lambda visit: None) -> Iterable[Fact]:
    return [Fact(visit.day, visit.members, above(visit), below(visit)) for visit in visits(world)]


def _visit(row: Row) -> Visit:
    session, started = key(row, "session_id") or "", row["started_at"]
    order = (row["session_date"], started.isoformat() if started else LAST, session)
    members = {name: row[name] for name in ("channel", "device", "country")}
    user = key(row, "user_id") or key(row, "visitor_id")
    return Visit(session, user, row["session_date"], order, members, row["engaged_seconds"])
