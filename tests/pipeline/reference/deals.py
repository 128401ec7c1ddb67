"""Owners, deals, leads, and how far open deals cover what is still to be won."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from tests.pipeline.reference.cells import (
    DEAL,
    EVERY,
    LONG,
    Cells,
    Fact,
    Kpi,
    additive,
    by_day,
    by_period,
    divided,
    fraction,
    member,
    stock,
    total,
)
from tests.pipeline.reference.periods import Span
from tests.pipeline.reference.targets import targets
from tests.pipeline.reference.world import Row, World, key

DEALS = ("crm.opportunities",)
LEAD = ("channel", "country", "industry", "owner", "team", "region")


@dataclass(frozen=True)
class Deal:
    """One deal as it stood at as_of: its money at the rate of its close, and while it was open at that of its creation."""

    created: date | None
    closed: date | None
    expected: date | None
    is_won: bool
    is_lost: bool
    amount: Decimal | None
    open_amount: Decimal | None
    has_no_amount: bool
    members: dict[str, str | None]

    def was_open(self, day: date) -> bool:
        """Created by and not closed by the end of the day."""
        return self.created is not None and self.created <= day and not (self.closed and self.closed <= day)


@cache
def deals(world: World) -> list[Deal]:
    """Every deal; what closes after as_of is still open."""
    owners, accounts = owner_members(world), world.by_key("crm.accounts", "account_id")
    found = []
    for row in world.rows("crm.opportunities"):
        account: Row = accounts.get(key(row, "account_id") or "", {})
        is_over = row["status"] != "open" and world.happened(row["close_date"])
        closed = row["close_date"] if is_over else None
        members = {
            **owners(key(row, "owner_id")),
            "product": row["product"],
            "segment": account.get("segment"),
            "industry": account.get("industry"),
        }
        money = (row["amount"], row["currency"])
        amounts = (world.in_company_money(*money, closed), world.in_company_money(*money, row["created_date"]))
        won, lost = (is_over and row["status"] == status for status in ("won", "lost"))
        dates = (row["created_date"], closed, row["expected_close_date"])
        found.append(Deal(*dates, won, lost, *amounts, row["amount"] is None, members))
    return found


def owner_members(world: World) -> Any:
    """What KPIs call the owner of that id, and the owner's team and region; the id where a name is shared or missing."""
    rows = world.by_key("crm.owners", "owner_id")
    shared = Counter(row["name"] for row in rows.values())

    def members(owner: str | None) -> dict[str, str | None]:
        row: Row = rows.get(owner or "", {})
        name = row.get("name")
        is_clear = name is not None and name.strip() != "" and shared[name] == 1
        return {"owner": name if is_clear else owner, "team": row.get("team"), "region": row.get("region")}

    return members


def opportunities_won(world: World) -> Cells:
    return by_day(world, Kpi(EVERY, DEAL, DEALS), [Fact(d.closed, d.members, 1) for d in _won(world)], additive)


def won_amount(world: World) -> Cells:
    return by_day(world, Kpi(EVERY, DEAL, DEALS), [Fact(d.closed, d.members, d.amount) for d in _won(world)], additive)


def average_deal_size(world: World) -> Cells:
    """Deals whose money cannot be told are in neither side; those without an amount count as nothing."""
    facts = [Fact(d.closed, d.members, d.amount, 1) for d in _won(world) if d.has_no_amount or d.amount is not None]
    return by_day(world, Kpi(EVERY, DEAL, DEALS), facts, fraction())


def win_rate_closed(world: World) -> Cells:
    facts = [Fact(d.closed, d.members, int(d.is_won), 1) for d in deals(world) if d.is_won or d.is_lost]
    return by_day(world, Kpi(EVERY, DEAL, DEALS), facts, fraction())


def win_rate_created(world: World) -> Cells:
    facts = [Fact(d.created, d.members, int(d.is_won), 1) for d in deals(world)]
    return by_day(world, Kpi((*LONG, "all"), DEAL, DEALS), facts, fraction())


def sales_cycle_days(world: World) -> Cells:
    return by_day(world, Kpi(EVERY, DEAL, DEALS), _cycles(_won(world)), fraction())


def sales_cycle_days_closed(world: World) -> Cells:
    closed = [d for d in deals(world) if d.is_won or d.is_lost]
    return by_day(world, Kpi(EVERY, DEAL, DEALS), _cycles(closed), fraction())


def open_pipeline_amount(world: World) -> Cells:
    """Open deals without a creation date are open in grain all alone."""
    every = deals(world)

    def facts(period: Span) -> Iterator[Fact]:
        for d in every:
            is_undated = period.grain == "all" and d.created is None and d.closed is None
            if is_undated or d.was_open(period.end):
                yield Fact(None, d.members, d.open_amount)

    return by_period(world, Kpi(EVERY, DEAL, DEALS), facts, stock)


def pipeline_coverage(world: World) -> Cells:
    """What is expected to close in a period over what is still to be won in it, for members that have a target."""
    covered = world.coverage((*DEALS, "planning.targets"))
    cells: Cells = {}
    for (period, dimension, name), target in targets(world, "won_amount").items():
        if covered is None or period.start > covered[1] or period.end < covered[0] or dimension not in ("all", *DEAL):
            continue
        own = [d for d in deals(world) if dimension == "all" or member(d.members[dimension]) == name]
        is_over = period.end <= covered[1]
        due = [d for d in own if d.expected and period.start <= d.expected <= period.end]
        if is_over:
            waiting = [d for d in due if _was_open_before(d, period.start)]
            left = target
        else:
            waiting = [d for d in due if d.was_open(covered[1])]
            so_far = [
                d.amount
                for d in own
                if d.is_won and d.closed and max(period.start, covered[0]) <= d.closed <= covered[1]
            ]
            left = target - total(so_far)
        above, below, value = divided(total(d.open_amount for d in waiting), left)
        cells[period.grain, period.label, dimension, name] = above, below, value if left > 0 else None
    return cells


def new_leads(world: World) -> Cells:
    facts = [Fact(row["created_date"], members, 1) for row, members in _leads(world)]
    return by_day(world, Kpi(EVERY, LEAD, ("crm.leads",)), facts, additive)


def lead_to_opportunity_rate(world: World) -> Cells:
    facts = [
        Fact(
            row["created_date"], members, int(bool(row["opportunity_id"]) and world.happened(row["converted_date"])), 1
        )
        for row, members in _leads(world)
    ]
    return by_day(world, Kpi(EVERY[1:], LEAD, ("crm.leads",)), facts, fraction())


def lead_to_customer_rate(world: World) -> Cells:
    rows = world.by_key("crm.opportunities", "opportunity_id").items()
    won = {deal for deal, row in rows if row["status"] == "won" and world.happened(row["close_date"])}
    facts = []
    for row, members in _leads(world):
        bought = row["customer_id"] is not None and world.happened(row["converted_date"])
        facts.append(Fact(row["created_date"], members, int(bought or key(row, "opportunity_id") in won), 1))
    return by_day(world, Kpi(EVERY[1:], LEAD, ("crm.leads", "crm.opportunities")), facts, fraction())


def _leads(world: World) -> Iterator[tuple[Row, dict[str, str | None]]]:
    owners = owner_members(world)
    for row in world.rows("crm.leads"):
        own = {name: row[name] for name in ("channel", "country", "industry")}
        yield row, {**own, **owners(key(row, "owner_id"))}


def _won(world: World) -> list[Deal]:
    return [deal for deal in deals(world) if deal.is_won]


def _cycles(closed: list[Deal]) -> list[Fact]:
    return [Fact(d.closed, d.members, (d.closed - d.created).days, 1) for d in closed if d.closed and d.created]


def _was_open_before(deal: Deal, day: date) -> bool:
    return deal.created is not None and deal.created < day and not (deal.closed and deal.closed < day)
