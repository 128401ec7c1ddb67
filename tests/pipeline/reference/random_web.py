"""Made-up sessions, events, leads, deals, posts and answers with every odd case the KPIs must bear."""

from datetime import timedelta
from typing import Any

from tests.pipeline.reference.dice import CHANNELS, COUNTRIES, Dice
from tests.pipeline.reference.periods import DAY, days, spans

Rows = list[dict[str, Any]]
PRODUCTS = ("1", "2", "3", "4", "99")


def sessions(dice: Dice) -> Rows:
    """Two sites with the same ids; many sessions of one user begin at the same second or at none."""
    found: Rows = []
    for site, count in (("shop", 420), ("app", 60)):
        for number in range(count):
            day, visitor = dice.day(), dice.number(1, 60)
            known = dice.maybe(f"u{visitor % 20}", 0.6)
            found.append({
                "_namespace": site, "session_id": number, "user_id": known, "visitor_id": f"v{visitor}",
                "session_date": day, "started_at": dice.maybe(dice.moment(day)), **dice.members(),
                "engaged_seconds": dice.maybe(dice.number(0, 9000) / 8),
            })  # fmt: skip
    return found


def events(dice: Dice, visits: Rows) -> Rows:
    """Steps of the funnel in any order, twice, without a time, of unknown sessions."""
    names = ("page_view", "product_view", "product_view", "add_to_cart", "add_to_cart", "checkout", "purchase")
    found: Rows = []
    for visit in visits:
        for name in sorted(dice.chance.choices(names, k=dice.number(0, 7)), key=names.index):
            moment = dice.moment(visit["session_date"]) + timedelta(seconds=60 * names.index(name))
            found.append({
                "_namespace": visit["_namespace"], "session_id": dice.maybe(visit["session_id"], 0.02),
                "event_name": name, "occurred_at": dice.maybe(moment, 0.1), "event_date": moment.date(),
            })  # fmt: skip
    unknown = {"session_id": "none", "event_name": "purchase", "event_date": dice.first}
    return [{**row, "event_id": number} for number, row in enumerate([*found, unknown])]


def owners() -> Rows:
    """Two share a name, one has none."""
    names = (
        ("Li", "North", "East"),
        ("Li", "North", "West"),
        ("Mo", "South", None),
        (None, "South", "East"),
        ("Owner 1", " ", "West"),
    )
    return [
        {"owner_id": at, "name": name, "team": team, "region": region} for at, (name, team, region) in enumerate(names)
    ]


def accounts() -> Rows:
    kinds = (("steel", "small"), ("retail", None), (None, "large"), (" steel ", "small"))
    return [
        {"account_id": at, "industry": industry, "segment": segment} for at, (industry, segment) in enumerate(kinds)
    ]


def opportunities(dice: Dice) -> Rows:
    """Some never dated, some closed after as_of, some of owners and accounts nobody knows."""
    found: Rows = []
    for number in range(90):
        created = dice.maybe(dice.day(), 0.1)
        status = dice.any(("open", "won", "won", "lost"))
        closed = dice.later(created or dice.day(), 90) if status != "open" else None
        found.append({
            "opportunity_id": number, "account_id": dice.maybe(dice.number(0, 5)), "owner_id": dice.maybe(dice.number(0, 6), 0.1),
            "product": dice.any(("Pro", "Basic", "", None)), "status": status, "amount": dice.maybe(dice.money(900)),
            "currency": dice.maybe(dice.currency(), 0.05), "created_date": created, "close_date": closed,
            "expected_close_date": dice.maybe(dice.later(created or dice.day(), 120)),
        })  # fmt: skip
    return found


def leads(dice: Dice) -> Rows:
    found: Rows = []
    for number in range(120):
        created = dice.day()
        found.append({
            "lead_id": number, "channel": dice.any(CHANNELS), "country": dice.any(COUNTRIES), "industry": dice.any(("steel", "", None)),
            "owner_id": dice.maybe(dice.number(0, 6)), "opportunity_id": dice.maybe(dice.number(0, 120), 0.5),
            "customer_id": dice.maybe(dice.number(0, 40), 0.7), "created_date": created,
            "converted_date": dice.maybe(dice.later(created, 60), 0.4),
        })  # fmt: skip
    return found


def responses(dice: Dice) -> Rows:
    """One week in which enough answer for a week's score, most of them by e-mail."""
    burst = dice.first + 150 * DAY
    when = [dice.day() for _ in range(150)] + [dice.later(burst, 2) for _ in range(80)]
    found: Rows = []
    for number, day in enumerate(when):
        kind, scale = dice.any((("nps", 10), ("nps", 10), ("csat", 5), ("rating", 5)))
        score = dice.number(0 if kind == "nps" else 1, scale)
        found.append({
            "response_id": number, "survey_name": dice.any(("After purchase", None)), "kind": kind, "scale_max": scale,
            "score": score + (0.5 if kind == "rating" and score < scale else 0), "product_id": dice.maybe(dice.any(PRODUCTS)),
            "channel": dice.any(("email", "email", "web", None)), "response_date": day,
        })  # fmt: skip
    return found


def tickets(dice: Dice) -> Rows:
    found: Rows = []
    for number in range(110):
        created = dice.moment(dice.day())
        solved = dice.maybe(created + timedelta(seconds=dice.number(0, 900_000)), 0.4)
        found.append({
            "ticket_id": number, "product_id": dice.maybe(dice.any(PRODUCTS)), "category": dice.any(("delivery", None)),
            "channel": dice.any(("email", "phone")), "priority": dice.any(("low", "urgent", None)), "team": dice.any(("A", "B", "")),
            "status": dice.any(("open", "solved", "solved", "deleted")), "created_date": created.date(),
            "created_at": dice.maybe(created, 0.1), "solved_at": solved, "solved_date": solved and solved.date(),
            "first_replied_at": dice.maybe(created + timedelta(seconds=dice.number(0, 500_000))),
        })  # fmt: skip
    return found


def posts(dice: Dice) -> Rows:
    found: Rows = []
    for number in range(90):
        counts = {
            name: dice.maybe(dice.number(0, 90), 0.4) for name in ("reactions", "comments", "shares", "engagements")
        }
        found.append({
            "post_id": number, "platform": dice.any(("facebook", "x")), "account": dice.any(("main", None)),
            "kind": dice.any(("photo", "video", None)), "campaign": dice.any(("spring", "")), "published_date": dice.maybe(dice.day(), 0.1),
            "reach": dice.maybe(dice.number(0, 900)), "impressions": dice.maybe(dice.number(900, 2000)), **counts,
        })  # fmt: skip
    return found


def followers(dice: Dice) -> Rows:
    """Accounts read daily with gaps, seldom, and only at first."""
    habits = (("facebook", "main", 0.1), ("facebook", "fr", 0.8), ("x", "main", 0.95), ("x", "fr", 0.3))
    found: Rows = []
    for platform, account, gaps in habits:
        last = dice.last if account == "main" else dice.first + 120 * DAY
        readings = [day for day in days(dice.first, last) if not dice.happens(gaps)]
        found += [
            {"platform": platform, "account": account, "reading_date": day, "followers": dice.number(0, 500)}
            for day in readings
        ]
    return found


def targets(dice: Dice, year_start: int) -> Rows:
    """On what is won: months of which a quarter is made, a quarter of its own, a team's, one already reached, one nobody knows."""
    months = [one.label for one in spans("month", dice.first, dice.last, year_start)]
    quarters = [one.label for one in spans("quarter", dice.first, dice.last, year_start)]
    plans = [(label, "all", "all", 700 + 10 * at) for at, label in enumerate(months)]
    plans += [(label, "team", "South", 90) for label in months[2:5]]
    plans += [(quarters[1], "owner", "Mo", 0), (quarters[2], "team", "North", 4000), (quarters[1], "all", "all", 3500)]
    plans += [("2031-W09", "all", "all", 100), ("1999-01", "all", "all", 1), (months[3], "region", "East", 250)]
    return [
        {"kpi_id": "won_amount", "period": label, "dimension": dimension, "member": member, "target": target}
        for label, dimension, member, target in plans
    ]
