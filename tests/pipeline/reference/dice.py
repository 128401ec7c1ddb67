"""Chance that can be thrown again: values, gaps and days for a made-up company."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

Thing = TypeVar("Thing")
CURRENCIES = ("EUR", "EUR", "USD", "USD", "GBP", "CHF", "JPY", "SEK")
CHANNELS = ("paid_search", "paid_search", "display", "email", "direct", " email ", "", None)
DEVICES = ("desktop", "mobile", "mobile", "", None)
COUNTRIES = ("DE", "FR", "US", " ", None)


@dataclass(frozen=True)
class Dice:
    """Draws from a seed, within the days of the company."""

    chance: random.Random
    first: date
    last: date

    def any(self, things: Sequence[Thing]) -> Thing:
        """One of the things."""
        return self.chance.choice(things)

    def happens(self, share: float) -> bool:
        """Whether what happens in this share of cases does."""
        return self.chance.random() < share

    def maybe(self, thing: Thing, share: float = 0.2) -> Thing | None:
        """The thing, or nothing in this share of cases."""
        return None if self.happens(share) else thing

    def number(self, low: int, high: int) -> int:
        """A whole number from low to high."""
        return self.chance.randint(low, high)

    def day(self) -> date:
        """A day of the company's life, before and after what is covered too."""
        return self.first + timedelta(days=self.number(0, (self.last - self.first).days))

    def later(self, day: date, most: int) -> date:
        """The day itself or one of the next days."""
        return day + timedelta(days=self.number(0, most))

    def moment(self, day: date) -> datetime:
        """A second of the day; often the same one, so that order must be told by something else."""
        hours = self.any((0, 9, 9, 9, 23))
        return datetime(day.year, day.month, day.day, hours, self.any((0, 30, 59)), self.any((0, 59)))

    def money(self, high: int) -> Decimal:
        """An amount in whole cents."""
        return Decimal(self.number(0, high * 100)) / 100

    def currency(self) -> str:
        """A currency: the company's own, exchanged ones, one with old rates, one without any."""
        return self.any(CURRENCIES)

    def members(self) -> dict[str, str | None]:
        """Channel, device and country."""
        return {"channel": self.any(CHANNELS), "device": self.any(DEVICES), "country": self.any(COUNTRIES)}
