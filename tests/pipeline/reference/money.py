"""What is spent and received, and what is earned for it."""

from decimal import Decimal
from typing import Any

from tests.pipeline.reference.cells import (
    EVERY,
    LONG,
    SESSION,
    Cells,
    Fact,
    Kpi,
    additive,
    by_day,
    different,
    fraction,
    member,
    total,
    within,
)
from tests.pipeline.reference.customers import EITHER, new_customer_facts
from tests.pipeline.reference.receivables import succeeded_payments
from tests.pipeline.reference.shop import (
    LINES,
    ORDERS,
    REFUNDS,
    gross_profit_facts,
    has_costs,
    net_revenue_facts,
    order_amounts,
    refunds,
)
from tests.pipeline.reference.web import visits
from tests.pipeline.reference.world import Row, World

EXPENSES, SPEND = "finance.expenses", "marketing.spend_daily"
SPENT = f"{SPEND}|{EXPENSES}"
PAID_CHANNELS = {"paid_search", "paid_social", "display", "affiliate", "video_ads"}
M_UP = (*LONG, "all")


def expenses(world: World) -> Cells:
    kpi = Kpi(M_UP, ("category", "area", "cost_center"), (EXPENSES,))
    facts = [Fact(row["expense_date"], row, _expense(world, row)) for row in _operating(world)]
    return by_day(world, kpi, facts, additive)


def operating_profit(world: World) -> Cells:
    if not has_costs(world):
        return {}
    costs = [
        Fact(row["expense_date"], {}, -_nothing(_expense(world, row)), None, EXPENSES) for row in _operating(world)
    ]
    kpi = Kpi(M_UP, (), (ORDERS, LINES, REFUNDS, EXPENSES))
    return by_day(world, kpi, [*gross_profit_facts(world), *costs], additive)


def marketing_spend(world: World) -> Cells:
    kpi = _spend_kpi(world, ("channel", "platform"), (SPENT,))
    return by_day(world, kpi, spend_facts(world), additive)


def customer_acquisition_cost(world: World) -> Cells:
    sales = [
        Fact(row["expense_date"], {"channel": row["channel"]}, _expense(world, row))
        for row in _operating(world)
        if row["area"] == "sales"
    ]
    gained = [Fact(fact.day, fact.members, None, 1) for fact in new_customer_facts(world)]
    return by_day(world, Kpi(M_UP, ("channel",), (SPENT, *EITHER)), [*spend_facts(world), *sales, *gained], fraction())


def return_on_ad_spend(world: World) -> Cells:
    """What orders of paid channels brought, an order of nothing counted too, over what was spent."""
    sold = [Fact(row["order_date"], members, amount) for row, members, amount in order_amounts(world)]
    given_back = [Fact(one.day, one.members, -(one.amount or 0)) for one in refunds(world)]
    earned = [fact for fact in (*sold, *given_back) if member(fact.members.get("channel")) in PAID_CHANNELS]
    spent = [Fact(fact.day, fact.members, None, fact.above) for fact in spend_facts(world)]
    kpi = _spend_kpi(world, ("channel",), (ORDERS, REFUNDS, SPENT))
    return by_day(world, kpi, [*earned, *spent], fraction())


def average_revenue_per_user(world: World) -> Cells:
    earned = [Fact(fact.day, fact.members, fact.above) for fact in net_revenue_facts(world)]
    users = [Fact(visit.day, visit.members, None, visit.user) for visit in visits(world)]
    kpi = Kpi(LONG, SESSION, (ORDERS, REFUNDS, "analytics.sessions"))
    return by_day(world, kpi, [*earned, *users], fraction(total, different))


def spend_facts(world: World) -> list[Fact]:
    """What ad platforms charged and what else was spent on marketing; without the former the platforms' bills instead."""
    platforms = [
        Fact(row["spend_date"], row, world.in_company_money(row["cost"], row["currency"], row["spend_date"]))
        for row in world.rows(SPEND)
    ]
    booked = [
        Fact(row["expense_date"], {"channel": row["channel"]}, _expense(world, row))
        for row in _marketing_expenses(world)
    ]
    return [*platforms, *booked]


def payments_received(world: World) -> Cells:
    facts = [
        Fact(row["received_date"], row, world.in_company_money(row["amount"], row["currency"], row["received_date"]))
        for row in succeeded_payments(world)
    ]
    return by_day(world, Kpi(EVERY, ("method", "currency"), ("finance.payments",)), facts, additive)


def _spend_kpi(world: World, dimensions: tuple[str, ...], entities: tuple[str, ...]) -> Kpi:
    """By day and week only where all spending is known by day: an expense is booked for a month."""
    covered = world.coverage(entities)
    is_booked = any(within(row["expense_date"], covered) for row in _marketing_expenses(world))
    return Kpi(M_UP if is_booked else EVERY, dimensions, entities)


def _marketing_expenses(world: World) -> list[Row]:
    has_platforms = SPEND in world.covers
    return [
        row for row in _operating(world) if row["area"] == "marketing" and not (has_platforms and row["is_ad_platform"])
    ]


def _operating(world: World) -> list[Row]:
    return [row for row in world.rows(EXPENSES) if row["is_operating"]]


def _expense(world: World, row: Row) -> Decimal | None:
    return world.in_company_money(row["amount"], row["currency"], row["expense_date"])


def _nothing(amount: Any) -> Any:
    return amount or Decimal(0)
