"""Which subscriptions run on a day, and what they bring a month."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from tests.pipeline.reference.world import PLACES, Row, World, key

# bills a month of one interval
BILLS = {"month": Decimal(1), "year": Decimal(1) / 12, "week": Decimal(52) / 12, "day": Decimal(365) / 12}
Versions = dict[str, list[Row]]


@dataclass(frozen=True)
class Running:
    """The version of a subscription that runs on a day."""

    subscription: str
    customer: str | None
    version: Row


@cache
def versions(world: World) -> Versions:
    """The versions of every subscription, oldest first."""
    found: Versions = defaultdict(list)
    for row in sorted(world.rows("finance.subscriptions"), key=lambda row: row["effective_date"]):
        found[key(row, "subscription_id") or ""].append(row)
    return found


def version_at(every: list[Row], day: date) -> Row | None:
    """The newest version that holds on the day."""
    held = [row for row in every if row["effective_date"] <= day]
    return held[-1] if held else None


def running(subscriptions: Versions, day: date) -> list[Running]:
    """What runs at the end of the day."""
    found = []
    for identity, every in subscriptions.items():
        row = version_at(every, day)
        if row and runs(row, day):
            found.append(Running(identity, key(row, "customer_id"), row))
    return found


def runs(row: Row, day: date) -> bool:
    """Whether a subscription in this version runs at the end of the day: begun, not ended, past its trial, not paused."""
    if row["kind"] != "recurring" or row["is_test"] or row["started_date"] > day:
        return False
    is_over = row["ended_date"] <= day if row["ended_date"] else row["status"] == "ended"
    in_trial = row["status"] == "trialing" and (row["trial_end_date"] is None or day < row["trial_end_date"])
    return not (is_over or in_trial or row["status"] == "paused")


def monthly(world: World, row: Row, day: date) -> Decimal | None:
    """What the version brings a month in the company's money, at the day's rate; `amount` is one bill of all units."""
    amount = world.in_company_money(row["amount"], row["currency"], day)
    return (
        None if amount is None else (amount * BILLS[row["billing_interval"]] / row["interval_count"]).quantize(PLACES)
    )
