"""Customers: new, kept, lost, coming back; and what their subscriptions bring."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from tests.pipeline.reference.cells import (
    EVERY,
    LONG,
    SESSION,
    Cells,
    Fact,
    Kpi,
    additive,
    by_day,
    by_period,
    different,
    fraction,
    stock,
)
from tests.pipeline.reference.periods import DAY, Span
from tests.pipeline.reference.running import Versions, monthly, running, runs, version_at, versions
from tests.pipeline.reference.web import LAST, counted_orders, first_visits, visits
from tests.pipeline.reference.world import Row, World, key

ORDERS, SUBSCRIPTIONS = "finance.orders", "finance.subscriptions"
EITHER = (f"{ORDERS}|{SUBSCRIPTIONS}",)
OF_CUSTOMER = ("channel", "country")
ACTIVE_DAYS = 365
Members = dict[str, str | None]


@dataclass(frozen=True)
class Customers:
    """What is known of the customers: their counted orders, oldest first, their subscriptions, what divides them."""

    orders: dict[str, list[Row]]
    subscriptions: Versions
    members: dict[str, Members]

    def of(self, customer: str) -> Members:
        """The customer's members; none of one who never ordered."""
        return self.members.get(customer, {})

    def order_days(self) -> dict[str, list[date]]:
        """The days of each customer's orders, in order."""
        return {customer: [row["order_date"] for row in rows] for customer, rows in self.orders.items()}


@cache
def customers(world: World) -> Customers:
    """Read them; channel and device are those of the first session of whoever placed the customer's orders."""
    orders: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(counted_orders(world), key=_order_of):
        if customer := key(row, "customer_id"):
            orders[customer].append(row)
    users = {visit.session: visit.user for visit in visits(world)}
    firsts = first_visits(world)
    members = {}
    for customer, rows in orders.items():
        found = {users.get(key(row, "session_id") or "") for row in rows}
        visits_of = sorted((firsts[user] for user in found if user), key=lambda visit: visit.order)
        own = visits_of[0].members if visits_of else {}
        members[customer] = {"channel": own.get("channel"), "device": own.get("device"), "country": rows[0]["country"]}
    return Customers(orders, versions(world), members)


def new_customers(world: World) -> Cells:
    return by_day(world, Kpi(EVERY, SESSION, EITHER), new_customer_facts(world), additive)


def new_customer_facts(world: World) -> list[Fact]:
    """One per customer, on the day of the first order or of the first subscription, whichever was earlier."""
    known = customers(world)
    first = {customer: days[0] for customer, days in known.order_days().items()}
    for row in world.rows(SUBSCRIPTIONS):
        customer = key(row, "customer_id")
        if customer and not row["is_test"] and world.happened(row["started_date"]):
            first[customer] = min(first.get(customer, row["started_date"]), row["started_date"])
    return [Fact(day, known.of(customer), 1) for customer, day in first.items()]


def customer_retention_rate(world: World) -> Cells:
    return _kept(world, int)


def customer_churn_rate(world: World) -> Cells:
    return _kept(world, lambda stayed: int(not stayed))


def repeat_purchase_rate(world: World) -> Cells:
    known = customers(world)

    def facts(period: Span) -> Iterator[Fact]:
        for customer, days in known.order_days().items():
            number = _orders_of_a_year(days, period.end)
            if number:
                yield Fact(None, known.of(customer), int(number >= 2), 1)

    return by_period(world, Kpi(LONG, OF_CUSTOMER, (ORDERS,)), facts, fraction())


def returning_customer_rate(world: World) -> Cells:
    known = customers(world)
    facts = [
        Fact(row["order_date"], known.of(customer), customer if number else None, customer)
        for customer, rows in known.orders.items()
        for number, row in enumerate(rows)
    ]
    return by_day(world, Kpi(EVERY, OF_CUSTOMER, (ORDERS,)), facts, fraction(different, different))


def subscription_churn_rate(world: World) -> Cells:
    subscriptions, products = versions(world), world.by_key("finance.products", "product_id")

    def facts(period: Span) -> Iterator[Fact]:
        for one in running(subscriptions, period.start - DAY):
            last = version_at(subscriptions[one.subscription], period.end)
            ended = last["ended_date"] if last and not runs(last, period.end) else None
            is_lost = ended is not None and period.start <= ended <= period.end
            yield Fact(None, _plan(one.version, products), int(is_lost), 1)

    return by_period(world, Kpi(LONG, ("product", "plan"), (SUBSCRIPTIONS,)), facts, fraction())


def monthly_recurring_revenue(world: World) -> Cells:
    """At the rate of the day from which each price holds, so that the stock does not move with rates."""
    subscriptions, products = versions(world), world.by_key("finance.products", "product_id")

    def facts(period: Span) -> Iterator[Fact]:
        for one in running(subscriptions, period.end):
            amount = monthly(world, one.version, one.version["effective_date"])
            yield Fact(None, _plan(one.version, products), amount)

    return by_period(world, Kpi(EVERY, ("product", "plan"), (SUBSCRIPTIONS,)), facts, stock)


def net_revenue_retention(world: World) -> Cells:
    """Both sides at the rate of the day before the period begins."""
    known = customers(world)

    def revenue(day: date, rate_day: date) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for one in running(known.subscriptions, day):
            sums[one.customer or ""] += monthly(world, one.version, rate_day) or 0
        return sums

    def facts(period: Span) -> Iterator[Fact]:
        before = period.start - DAY
        at_start, at_end = revenue(before, before), revenue(period.end, before)
        for customer, amount in at_start.items():
            if amount > 0:
                yield Fact(None, known.of(customer), at_end.get(customer, Decimal(0)), amount)

    return by_period(world, Kpi(LONG, OF_CUSTOMER, (SUBSCRIPTIONS,)), facts, fraction())


def _kept(world: World, above: Callable[[bool], int]) -> Cells:
    """Of the customers active before the period, those that are, or are not, at its end."""
    known = customers(world)
    days = known.order_days()

    def active(day: date) -> set[str]:
        ordered = {customer for customer, own in days.items() if _orders_of_a_year(own, day)}
        return ordered | {one.customer for one in running(known.subscriptions, day) if one.customer}

    def facts(period: Span) -> Iterator[Fact]:
        at_end = active(period.end)
        for customer in active(period.start - DAY):
            yield Fact(None, known.of(customer), above(customer in at_end), 1)

    return by_period(world, Kpi(LONG, OF_CUSTOMER, EITHER), facts, fraction())


def _orders_of_a_year(days: list[date], end: date) -> int:
    """How many of the days lie in the year that ends with this day."""
    return bisect_right(days, end) - bisect_right(days, end - ACTIVE_DAYS * DAY)


def _order_of(row: Row) -> tuple[str, str, str]:
    at = row["ordered_at"]
    return row["order_date"].isoformat(), at.isoformat() if at else LAST, key(row, "order_id") or ""


def _plan(row: Row, products: dict[str, Row]) -> Members:
    product = key(row, "product_id")
    return {"product": products.get(product or "", {}).get("name", product), "plan": row["plan_name"]}
