"""Orders, their lines, refunds, and what is left of the money."""

from collections import defaultdict
from collections.abc import Iterable
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
    Fold,
    Kpi,
    Make,
    additive,
    by_day,
    different,
    fraction,
    total,
)
from tests.pipeline.reference.web import counted_orders, visits
from tests.pipeline.reference.world import PLACES, Row, World, key

ORDERS, LINES, REFUNDS = "finance.orders", "finance.order_lines", "finance.refunds"
GOODS = ("channel", "device", "country", "product", "channel+device")
Members = dict[str, str | None]


@dataclass(frozen=True)
class Line:
    """One line of an order, in the company's money."""

    order: str | None
    product: str | None
    units: int
    amount: Decimal | None
    cost: Decimal | None


@dataclass(frozen=True)
class Part:
    """What one order brought by one product, or by none where its lines do not account for it all."""

    day: date
    members: Members
    revenue: Decimal | None
    cost: Decimal | None
    units: int


@dataclass(frozen=True)
class Refund:
    """One refund that counts."""

    day: date
    order: str | None
    members: Members
    amount: Decimal | None
    units: int | None
    restocked: Decimal
    days: int | None


@cache
def order_members(world: World) -> dict[str, Members]:
    """Channel and device of the order's session, and the order's own country, by order."""
    found = {visit.session: visit.members for visit in visits(world)}
    return {
        key(row, "order_id") or "": {**found.get(key(row, "session_id") or "", {}), "country": row["country"]}
        for row in world.rows(ORDERS)
    }


@cache
def order_amounts(world: World) -> list[tuple[Row, Members, Decimal | None]]:
    """Every counted order with its members and its amount in the company's money."""
    members = order_members(world)
    return [
        (
            row,
            members[key(row, "order_id") or ""],
            world.in_company_money(row["amount"], row["currency"], row["order_date"]),
        )
        for row in counted_orders(world)
    ]


@cache
def lines(world: World) -> dict[str, Line]:
    """Every line by its id; a cost nobody named is that of the product."""
    products, orders = world.by_key("finance.products", "product_id"), world.by_key(ORDERS, "order_id")
    found = {}
    for row in world.rows(LINES):
        order, product = key(row, "order_id"), products.get(key(row, "product_id") or "", {})
        day = row["order_date"] or orders.get(order or "", {}).get("order_date")
        cost, currency = row["cost"], row["currency"]
        if cost is None and product.get("unit_cost") is not None:
            cost, currency = row["quantity"] * product["unit_cost"], product["currency"]
        found[key(row, "order_line_id") or ""] = Line(
            order,
            product.get("name", key(row, "product_id")),
            row["quantity"],
            world.in_company_money(row["amount"], row["currency"], day),
            world.in_company_money(cost, currency, day),
        )
    return found


@cache
def parts(world: World) -> list[Part]:
    """Orders by product; what the lines do not account for has none, and an order of nothing has no part."""
    of_order: dict[str | None, list[Line]] = defaultdict(list)
    for line in lines(world).values():
        of_order[line.order].append(line)
    found = []
    for row, members, amount in order_amounts(world):
        own = of_order[key(row, "order_id")]
        for product in dict.fromkeys(line.product for line in own):
            these = [line for line in own if line.product == product]
            sums = (_sum(line.amount for line in these), _sum(line.cost for line in these))
            found.append(
                Part(row["order_date"], {**members, "product": product}, *sums, sum(one.units for one in these))
            )
        rest = (amount or Decimal(0)) - total(line.amount for line in own)
        if amount is not None and rest:
            found.append(Part(row["order_date"], {**members, "product": None}, rest, None, 0))
    return found


@cache
def refunds(world: World) -> list[Refund]:
    """The refunds that count: given back by as_of, of an order that counts or that nobody knows."""
    counted = {key(row, "order_id") for row in counted_orders(world)}
    orders, members, every = world.by_key(ORDERS, "order_id"), order_members(world), lines(world)
    of_order: dict[str | None, list[Line]] = defaultdict(list)
    for line in every.values():
        of_order[line.order].append(line)
    found = []
    for row in world.rows(REFUNDS):
        order, refunded = key(row, "order_id"), every.get(key(row, "order_line_id") or "")
        if (order in orders and order not in counted) or not world.happened(row["refund_date"]):
            continue
        back = [refunded] if refunded else [] if row["order_line_id"] else of_order[order]
        products = {one.product for one in back}
        days = (row["refund_date"] - orders[order]["order_date"]).days if order in orders else None
        units = row["quantity"] if row["quantity"] is not None else sum(one.units for one in back) if back else None
        own = {**members.get(order or "", {}), "product": products.pop() if len(products) == 1 else None}
        amount = world.in_company_money(row["amount"], row["currency"], row["refund_date"])
        restocked = _restocked(back, units) if row["is_restocked"] else Decimal(0)
        found.append(Refund(row["refund_date"], order, own, amount, units, restocked, days))
    return found


def orders(world: World) -> Cells:
    return by_day(
        world,
        Kpi(EVERY, SESSION, (ORDERS,)),
        [Fact(r["order_date"], m, 1) for r, m, _ in order_amounts(world)],
        additive,
    )


def average_order_value(world: World) -> Cells:
    """Orders whose money cannot be told are in neither side."""
    facts = [
        Fact(row["order_date"], members, amount, 1)
        for row, members, amount in order_amounts(world)
        if amount is not None
    ]
    return by_day(world, Kpi(EVERY, SESSION, (ORDERS,)), facts, fraction())


def gross_revenue(world: World) -> Cells:
    return by_day(world, Kpi(EVERY, GOODS, (ORDERS,)), revenue_facts(world), additive)


def refund_amount(world: World) -> Cells:
    return by_day(
        world, Kpi(EVERY, GOODS, (REFUNDS,)), [Fact(r.day, r.members, r.amount) for r in refunds(world)], additive
    )


def net_revenue(world: World) -> Cells:
    return by_day(world, Kpi(EVERY, GOODS, (ORDERS, REFUNDS)), net_revenue_facts(world), additive)


def gross_profit(world: World) -> Cells:
    if not has_costs(world):
        return {}
    return by_day(world, Kpi(EVERY, GOODS, (ORDERS, LINES, REFUNDS)), gross_profit_facts(world), additive)


def gross_margin(world: World) -> Cells:
    if not has_costs(world):
        return {}
    below = [Fact(f.day, f.members, None, f.above, f.entity) for f in net_revenue_facts(world)]
    kpi = Kpi(EVERY, GOODS, (ORDERS, LINES, REFUNDS))
    return by_day(world, kpi, [*gross_profit_facts(world), *below], fraction())


def refund_rate_orders(world: World) -> Cells:
    above = [Fact(r.day, r.members, r.order, None, REFUNDS) for r in refunds(world)]
    below = [Fact(row["order_date"], members, None, 1, ORDERS) for row, members, _ in order_amounts(world)]
    return _refund_rate(world, (ORDERS, REFUNDS), SESSION, [*above, *below], different)


def refund_rate_items(world: World) -> Cells:
    above = [Fact(r.day, r.members, r.units, None, REFUNDS) for r in refunds(world)]
    below = [Fact(part.day, part.members, None, part.units, ORDERS) for part in parts(world)]
    return _refund_rate(world, (ORDERS, LINES, REFUNDS), GOODS, [*above, *below])


def refund_rate_amount(world: World) -> Cells:
    above = [Fact(r.day, r.members, r.amount, None, REFUNDS) for r in refunds(world)]
    below = [Fact(f.day, f.members, None, f.above, ORDERS) for f in revenue_facts(world)]
    return _refund_rate(world, (ORDERS, REFUNDS), GOODS, [*above, *below])


def days_to_refund(world: World) -> Cells:
    facts = [Fact(r.day, r.members, r.days, 1, REFUNDS) for r in refunds(world) if r.days is not None]
    return by_day(world, Kpi((*LONG, "all"), GOODS, (ORDERS, REFUNDS)), facts, fraction())


def revenue_facts(world: World) -> list[Fact]:
    return [Fact(part.day, part.members, part.revenue, None, ORDERS) for part in parts(world)]


def net_revenue_facts(world: World) -> list[Fact]:
    """Orders by their day and refunds by theirs; in grain all each side on the days it covers itself."""
    given_back = [
        Fact(r.day, r.members, -r.amount if r.amount is not None else None, None, REFUNDS) for r in refunds(world)
    ]
    return [*revenue_facts(world), *given_back]


def gross_profit_facts(world: World) -> list[Fact]:
    """Net revenue less the cost of what was ordered, and with the cost of what went back on the shelf."""
    costs = [
        Fact(part.day, part.members, -part.cost, None, ORDERS)
        for part in parts(world)
        if part.cost is not None and part.revenue is not None
    ]
    restocked = [Fact(r.day, r.members, r.restocked, None, REFUNDS) for r in refunds(world)]
    return [*net_revenue_facts(world), *costs, *restocked]


def has_costs(world: World) -> bool:
    """Whether the cost of any line is known; without any, profit would be revenue by another name."""
    return any(line.cost is not None for line in lines(world).values())


def _refund_rate(
    world: World, entities: tuple[str, ...], dimensions: tuple[str, ...], facts: list[Fact], above: Fold = total
) -> Cells:
    make: Make = fraction(above)
    return by_day(world, Kpi((*LONG, "all"), dimensions, entities), facts, make)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum; None where nothing is known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def _restocked(back: list[Line], units: int | None) -> Decimal:
    """The share of the cost that the returned units are of all units; never more than went out, all where that is unknown."""
    cost, ordered = _sum(line.cost for line in back), sum(line.units for line in back)
    share = min(Decimal(1), Decimal(units) / ordered) if units is not None and ordered else Decimal(1)
    return (cost * share).quantize(PLACES) if cost is not None else Decimal(0)
