"""What customers say, ask and follow: answers, tickets, posts and followers."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from tests.pipeline.reference.cells import (
    EVERY,
    LONG,
    Cells,
    Fact,
    Kpi,
    additive,
    by_day,
    by_period,
    exact,
    fraction,
    middle,
)
from tests.pipeline.reference.periods import DATED, DAY, Span
from tests.pipeline.reference.world import Row, World, key

RESPONSES, TICKETS, POSTS, FOLLOWERS = (
    "feedback.responses", "feedback.tickets", "social.posts", "social.followers_daily",
)  # fmt: skip
ASKED = ("survey", "channel", "product")
TICKET = ("channel", "category", "priority", "team", "product")
POST = ("platform", "account", "kind", "campaign")
ENOUGH_FOR_A_WEEK = 30
READING_DAYS = 7


def csat(world: World) -> Cells:
    return _of_answers(world, lambda score: int(score >= 4))


def average_rating(world: World) -> Cells:
    return _of_answers(world, exact)


def negative_feedback_rate(world: World) -> Cells:
    return _of_answers(world, lambda score: int(score <= 2))


def nps(world: World) -> Cells:
    """Promoters less detractors; of a week only where enough answered."""
    facts = [
        Fact(row["response_date"], members, int(row["score"] >= 9) - int(row["score"] <= 6), 1)
        for row, members in _answers(world, ("nps",), 10)
    ]
    cells = by_day(world, Kpi(("week", *LONG, "all"), ASKED, (RESPONSES,)), facts, fraction(scale=100))
    return {group: cell for group, cell in cells.items() if group[0] != "week" or (cell[1] or 0) >= ENOUGH_FOR_A_WEEK}


def ticket_volume(world: World) -> Cells:
    facts = [Fact(row["created_date"], members, 1) for row, members in _tickets(world)]
    return by_day(world, Kpi(EVERY, TICKET, (TICKETS,)), facts, additive)


def first_response_time(world: World) -> Cells:
    facts = [
        Fact(row["created_date"], members, _hours(row["created_at"], row["first_replied_at"]))
        for row, members in _tickets(world)
        if row["created_at"] and row["first_replied_at"] and row["first_replied_at"].date() <= world.as_of
    ]
    return by_day(world, Kpi(EVERY, TICKET, (TICKETS,)), facts, middle)


def resolution_time(world: World) -> Cells:
    facts = [
        Fact(row["solved_date"], members, _hours(row["created_at"], row["solved_at"]))
        for row, members in _tickets(world)
        if row["created_at"] and row["solved_at"]
    ]
    return by_day(world, Kpi(EVERY, TICKET, (TICKETS,)), facts, middle)


def reach(world: World) -> Cells:
    return _of_posts(world, "reach")


def impressions(world: World) -> Cells:
    return _of_posts(world, "impressions")


def social_engagement_rate(world: World) -> Cells:
    facts = [Fact(row["published_date"], row, _engagements(row), row["reach"]) for row in world.rows(POSTS)]
    known = [fact for fact in facts if fact.below is not None]
    return by_day(world, Kpi(EVERY, POST, (POSTS,)), known, fraction())


def follower_growth_rate(world: World) -> Cells:
    """Followers gained over those there were, of accounts read in time at both ends."""
    readings: dict[tuple[str, str, str], dict[date, int]] = defaultdict(dict)
    for row in world.rows(FOLLOWERS):
        readings[row["_namespace"], row["platform"], row["account"]][row["reading_date"]] = row["followers"]

    def facts(period: Span) -> Iterator[Fact]:
        age = 1 if period.grain == "day" else READING_DAYS
        for (_, platform, account), own in readings.items():
            start, end = (_last(own, day, age) for day in (period.start - DAY, period.end))
            if start is not None and end is not None:
                yield Fact(None, {"platform": platform, "account": account}, end - start, start)

    return by_period(world, Kpi(DATED, ("platform", "account"), (FOLLOWERS,)), facts, fraction())


def _of_answers(world: World, above: Callable[[float], Any]) -> Cells:
    """Something of every answer on a scale of five, over the answers."""
    facts = [
        Fact(row["response_date"], members, above(row["score"]), 1)
        for row, members in _answers(world, ("csat", "rating"), 5)
    ]
    return by_day(world, Kpi(EVERY, ASKED, (RESPONSES,)), facts, fraction())


def _answers(world: World, kinds: tuple[str, ...], scale: int) -> Iterator[tuple[Row, dict[str, str | None]]]:
    names = _product_names(world)
    for row in world.rows(RESPONSES):
        if row["kind"] in kinds and row["scale_max"] == scale:
            yield row, {"survey": row["survey_name"], "channel": row["channel"], "product": names(row)}


def _tickets(world: World) -> Iterator[tuple[Row, dict[str, str | None]]]:
    names = _product_names(world)
    for row in world.rows(TICKETS):
        if row["status"] != "deleted":
            yield row, {**{name: row[name] for name in TICKET[:-1]}, "product": names(row)}


def _product_names(world: World) -> Callable[[Row], str | None]:
    """The name of a row's product, else its id."""
    products = world.by_key("finance.products", "product_id")

    def name(row: Row) -> str | None:
        product = key(row, "product_id")
        return products.get(product or "", {}).get("name", product)

    return name


def _of_posts(world: World, measure: str) -> Cells:
    facts = [Fact(row["published_date"], row, row[measure]) for row in world.rows(POSTS) if row[measure] is not None]
    return by_day(world, Kpi(EVERY, POST, (POSTS,)), facts, additive)


def _engagements(row: Row) -> int:
    said = [row[name] for name in ("reactions", "comments", "shares") if row[name] is not None]
    return sum(said) if said else row["engagements"] or 0


def _last(readings: dict[date, int], day: date, age: int) -> int | None:
    """The last reading by the day that is at most `age` days old."""
    for back in range(age + 1):
        if day - back * DAY in readings:
            return readings[day - back * DAY]
    return None


def _hours(start: Any, end: Any) -> float:
    return (end - start) / timedelta(hours=1)
