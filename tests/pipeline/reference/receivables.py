"""Payments that succeeded, and what is still owed on invoices."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tests.pipeline.reference.cells import EVERY, Cell, Cells, Fact, Kpi, by_period, total
from tests.pipeline.reference.periods import Span
from tests.pipeline.reference.world import PLACES, Row, World, key

INVOICES = "finance.invoices"


@dataclass(frozen=True)
class Taken:
    """What was paid or credited on an invoice; without a day only grain all knows of it."""

    day: date | None
    amount: Decimal
    currency: str


def succeeded_payments(world: World) -> list[Row]:
    """The payments that went through by as_of and are no test."""
    rows = [row for row in world.rows("finance.payments") if row["status"] == "succeeded" and not row["is_test"]]
    return [row for row in rows if world.happened(row["received_date"])]


def accounts_receivable(world: World) -> Cells:
    """What is owed at the end, each invoice at the rate of the day it was issued."""
    rows = [row for row in world.rows(INVOICES) if row["status"] != "draft" and row["issued_date"]]
    invoices = {key(row, "invoice_id") or "": row for row in rows if row["kind"] == "invoice"}
    notes = [row for row in rows if row["kind"] == "credit_note" and row["status"] != "void"]
    taken = _taken(world, invoices, notes)

    def facts(period: Span) -> Iterator[Fact]:
        for identity, row in invoices.items():
            left = _left(world, row, taken[identity], period)
            if left is not None and row["issued_date"] <= period.end:
                yield Fact(None, {}, left, int(left != 0))
        for row in notes:
            amount = world.in_company_money(row["amount"], row["currency"], row["issued_date"])
            if row["credited_invoice_id"] is None and amount is not None and row["issued_date"] <= period.end:
                yield Fact(None, {}, -amount, 0)

    return by_period(world, Kpi(EVERY, (), (INVOICES,)), facts, _owed)


def _taken(world: World, invoices: dict[str, Row], notes: list[Row]) -> dict[str, list[Taken]]:
    """Per invoice the payments and credit notes on it; what the invoice itself says where no payment is known."""
    taken: dict[str, list[Taken]] = defaultdict(list)
    for row in succeeded_payments(world):
        taken[key(row, "invoice_id") or ""].append(Taken(row["received_date"], row["amount"], row["currency"]))
    for identity, row in invoices.items():
        if identity not in taken and row["amount_paid"] and world.happened(row["paid_date"]):
            taken[identity].append(Taken(row["paid_date"], row["amount_paid"], row["currency"]))
    for row in notes:
        if world.happened(row["issued_date"]):
            invoice = key(row, "credited_invoice_id") or ""
            taken[invoice].append(Taken(row["issued_date"], row["amount"], row["currency"]))
    return taken


def _left(world: World, invoice: Row, taken: list[Taken], period: Span) -> Decimal | None:
    """What is open of an invoice at the end; voiding takes whatever is left on its day. None without a rate."""
    rate = world.rate(invoice["currency"], invoice["issued_date"])
    if rate is None:
        return None

    def open_at(day: date) -> Decimal:
        gone = [one for one in taken if (one.day <= day if one.day else period.grain == "all")]
        return Decimal(invoice["amount"] * rate) - sum((worth(one) for one in gone), Decimal(0))

    def worth(one: Taken) -> Decimal:
        return one.amount * (world.rate(one.currency, invoice["issued_date"]) or 0)

    voided = invoice["voided_date"]
    left = open_at(period.end) - open_at(voided) if voided and voided <= period.end else open_at(period.end)
    return left.quantize(PLACES)


def _owed(facts: list[Fact]) -> Cell:
    """The balances, and how many invoices have one."""
    above = total(fact.above for fact in facts)
    return above, total(fact.below for fact in facts), float(above)
