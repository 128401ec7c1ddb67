"""Made-up orders, refunds, bills, subscriptions, rates and spending with every odd case the KPIs must bear."""

from decimal import Decimal
from typing import Any

from tests.pipeline.reference.dice import CHANNELS, COUNTRIES, Dice
from tests.pipeline.reference.periods import DAY, days, spans
from tests.pipeline.reference.random_web import PRODUCTS, Rows


def products() -> Rows:
    """Two share a name; one has no cost, one is bought in another currency, one in one without a rate."""
    found = (("1", "Bear", 20, "EUR"), ("2", "Lamp", 12, "USD"), ("3", "Lamp", None, None), ("4", "Rug", 7, "SEK"))
    return [
        {"product_id": at, "name": name, "unit_cost": cost, "currency": currency} for at, name, cost, currency in found
    ]


def orders(dice: Dice, visits: Rows) -> Rows:
    """Two sites with the same ids; a session of the site, an unknown one or none."""
    found: Rows = []
    for _ in range(300):
        visit = dice.any(visits)
        day = dice.later(visit["session_date"], 1)
        found.append({
            "_namespace": visit["_namespace"], "order_id": sum(row["_namespace"] == visit["_namespace"] for row in found),
            "customer_id": dice.maybe(dice.number(0, 40), 0.05), "session_id": dice.maybe(dice.any((visit["session_id"], "none")), 0.3),
            "status": dice.any(("paid", "placed", "completed", "cancelled")), "is_test": dice.any((None, False, False, False, True)),
            "order_date": day, "ordered_at": dice.maybe(dice.moment(day)), "amount": dice.any((dice.money(200), Decimal(0))),
            "currency": dice.currency(), "country": dice.any(COUNTRIES),
        })  # fmt: skip
    return found


def order_lines(dice: Dice, placed: Rows) -> Rows:
    """Lines that add up to the order and lines that do not; orders without lines; lines of unknown orders."""
    found: Rows = []
    for order in [
        *placed,
        {"_namespace": "shop", "order_id": "none", "amount": Decimal(7), "currency": "EUR", "order_date": dice.day()},
    ]:
        left = order["amount"]
        for _ in range(dice.any((0, 1, 1, 2, 3))):
            amount = left if dice.happens(0.5) else (left / 2).quantize(Decimal("0.01"))
            left -= amount
            found.append({
                "_namespace": order["_namespace"], "order_line_id": len(found), "order_id": order["order_id"],
                "product_id": dice.maybe(dice.any(PRODUCTS), 0.1), "order_date": dice.maybe(order["order_date"], 0.1),
                "quantity": dice.number(0, 4), "amount": amount, "cost": dice.maybe(dice.money(20), 0.5), "currency": order["currency"],
            })  # fmt: skip
    return found


def refunds(dice: Dice, placed: Rows, sold: Rows) -> Rows:
    """Of a line, of a whole order, of orders that do not count or are unknown."""
    found: Rows = []
    unknown: dict[str, Any] = {"_namespace": "shop", "order_id": "none", "currency": "EUR", "order_date": dice.day()}
    for number in range(90):
        order = dice.any([*placed, unknown]) if number else unknown
        own = [row for row in sold if (row["_namespace"], row["order_id"]) == (order["_namespace"], order["order_id"])]
        line = dice.any(own)["order_line_id"] if own and dice.happens(0.6) else dice.any((None, None, None, "none"))
        found.append({
            "_namespace": order["_namespace"], "refund_id": number, "order_id": order["order_id"], "order_line_id": line,
            "refund_date": dice.later(order["order_date"], 60), "quantity": dice.maybe(dice.number(1, 3), 0.5),
            "amount": dice.money(60), "currency": order["currency"], "is_restocked": dice.any((True, True, False, None)),
        })  # fmt: skip
    return found


def subscriptions(dice: Dice) -> Rows:
    """One to three prices each; trials, pauses, ends that are told in a status, a date, or later than as_of."""
    found: Rows = []
    for number in range(70):
        started = dice.day() - dice.any((0, 0, 200)) * DAY
        ended = dice.maybe(dice.later(started, 300), 0.6)
        steps = [started] + [dice.later(started, 250) for _ in range(dice.number(0, 2))]
        common = {
            "subscription_id": number, "customer_id": dice.number(0, 50), "product_id": dice.maybe(dice.any(PRODUCTS)), "started_date": started,
            "kind": dice.any(("recurring", "recurring", "recurring", "recurring", "usage", "one_off")), "is_test": dice.any((None, False, False, False, True)),
        }  # fmt: skip
        for at, effective in enumerate(sorted(set(steps))):
            status = dice.any(("active", "active", "past_due", "trialing", "paused", *(("ended",) if ended else ())))
            found.append({
                **common, "effective_date": effective, "plan_name": dice.any(("Basic", "Team", None)), "status": status,
                "trial_end_date": dice.maybe(dice.later(effective, 60), 0.4), "ended_date": ended if at or dice.happens(0.7) or status == "ended" else None,
                "billing_interval": dice.any(("day", "week", "month", "month", "year")), "interval_count": dice.number(1, 3),
                "quantity": dice.maybe(dice.number(1, 9)), "amount": dice.any((dice.money(300), Decimal(0))), "currency": dice.currency(),
            })  # fmt: skip
    return found


def invoices(dice: Dice) -> Rows:
    """Drafts, voided ones, some paid by what they say themselves; credit notes on an invoice, on an unknown one, on none."""
    found: Rows = []
    for number in range(90):
        issued, kind = dice.day(), dice.any(("invoice", "invoice", "invoice", "credit_note"))
        status = dice.any(("draft", "open", "open", "paid", "void", "uncollectible"))
        amount = dice.money(400)
        is_paid = status == "paid" or dice.happens(0.1)
        found.append({
            "invoice_id": number, "kind": kind, "status": status, "issued_date": None if status == "draft" and dice.happens(0.5) else issued,
            "credited_invoice_id": dice.maybe(dice.any((dice.number(0, 60), "none")), 0.4) if kind == "credit_note" else None,
            "amount": amount, "amount_paid": dice.any((amount, amount / 2, None)) if is_paid else None,
            "paid_date": dice.maybe(dice.later(issued, 60), 0.3) if is_paid else None, "currency": dice.currency(),
            "voided_date": dice.later(issued, 90) if status in ("void", "uncollectible") else None,
        })  # fmt: skip
    abroad = {
        "kind": "invoice",
        "status": "open",
        "currency": "CHF",
        "voided_date": None,
        "credited_invoice_id": None,
        "paid_date": None,
        "amount_paid": None,
    }
    return [{**row, **abroad, "issued_date": row["issued_date"] or dice.first} for row in found[:4]] + found[4:]


def payments(dice: Dice, billed: Rows) -> Rows:
    """On invoices, in parts, before they were issued, and on nothing; without a day; tried in vain; three that pay a bill exactly."""
    found: Rows = []
    for bill in billed[:4]:
        third = (bill["amount"] / 3).quantize(Decimal("0.0001"))
        found += [_payment(dice, bill, part) for part in (third, third, bill["amount"] - 2 * third)]
    for _ in range(130):
        bill = dice.any(billed)
        tried = {
            "status": dice.any(("succeeded", "succeeded", "succeeded", "failed", "pending")),
            "is_test": dice.happens(0.1),
        }
        invoice = dice.maybe(bill["invoice_id"], 0.5)
        found.append(
            {**_payment(dice, bill, dice.any((bill["amount"], dice.money(90)))), **tried, "invoice_id": invoice}
        )
    return [{**row, "payment_id": number} for number, row in enumerate(found)]


def _payment(dice: Dice, bill: dict[str, Any], amount: Decimal) -> dict[str, Any]:
    day = dice.later(bill["issued_date"] or dice.day(), 70) - dice.any((0, 0, 9)) * DAY
    return {
        "invoice_id": bill["invoice_id"], "method": dice.any(("card", "cash", None)), "status": "succeeded", "attempted_date": day,
        "received_date": dice.maybe(day, 0.05), "amount": amount, "currency": bill["currency"], "is_test": dice.any((None, False)),
    }  # fmt: skip


def expenses(dice: Dice) -> Rows:
    found: Rows = []
    for number in range(140):
        found.append({
            "expense_id": number, "expense_date": dice.day(), "category": dice.any(("rent", "ads", None)),
            "area": dice.any(("marketing", "marketing", "sales", "administration", None)), "cost_center": dice.any(("A", "")),
            "channel": dice.any(CHANNELS), "amount": dice.money(300) - 20, "currency": dice.currency(),
            "is_operating": dice.happens(0.8), "is_ad_platform": dice.any((None, False, True)),
        })  # fmt: skip
    return found


def spend(dice: Dice) -> Rows:
    channels = ("paid_search", "display", "email", "unknown")
    return [
        {"spend_date": day, "channel": channel, "platform": dice.any(("google", "meta", None)), "campaign_id": "all",
         "ad_group_id": "all", "cost": dice.money(50), "currency": dice.currency()}
        for day in days(dice.first, dice.last) for channel in channels if dice.happens(0.3)
    ]  # fmt: skip


def fx_rates(dice: Dice) -> Rows:
    """Weekdays: one currency direct, one turned round, one through others only, one whose rates stop; none of a fourth."""
    found: Rows = []
    for day in days(dice.first - 300 * DAY, dice.last):
        pairs = [
            ("USD", "EUR", 0.9),
            ("EUR", "GBP", 0.85),
            ("CHF", "USD", 1.1),
            ("CHF", "GBP", 0.98),
            ("EUR", "USD", 1.12),
        ]
        pairs += [("JPY", "EUR", 0.006)] if day < dice.first + 60 * DAY else []
        found += [
            {
                "base_currency": base,
                "quote_currency": quote,
                "rate_date": day,
                "rate": round(rate * dice.chance.uniform(0.95, 1.05), 6),
            }
            for base, quote, rate in pairs
            if day.isoweekday() <= 5 and not dice.happens(0.3)
        ]
    return found


def sizes(dice: Dice, year_start: int) -> Rows:
    """Of all, of countries, twice of one, in currencies without a rate, of periods nobody covers or knows."""
    months = [one.label for one in spans("month", dice.first, dice.last, year_start)]
    year = spans("year", dice.first, dice.last, year_start)[-1].label
    places = (
        ("all", "all"),
        ("country", "DE"),
        ("country", "unknown"),
        ("channel+device", "email+mobile"),
        ("product", "Lamp"),
    )
    plans = [(label, *place) for label in (*months, year) for place in places if dice.happens(0.6)]
    plans += [
        ("1999-01", "all", "all"),
        ("2031-Q1", "all", "all"),
        (months[4], "moon", "dark"),
        (months[4], "country", "CN"),
    ]
    return [
        {"market": market, "period": label, "dimension": dimension, "member": member, "market_size": dice.number(1, 90_000), "currency": dice.currency()}
        for label, dimension, member in plans
        for market in (("all", "rest") if dice.happens(0.2) else ("all",))
    ]  # fmt: skip
