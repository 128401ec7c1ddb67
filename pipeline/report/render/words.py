"""Words of a language: its catalogue, its numbers, dates and periods.

Catalogues are gettext .po files read at run time: msgid is a text key, msgstr the words. A key without words is an
error.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

from pipeline.periods import Period, parse_period

LOCALE_DIR = Path(__file__).parents[1] / "locale"
NOTHING = "–"
"""Stands where a value is null."""

# Unit of a KPI  →  the name CLDR knows it by
_DURATIONS = {"days": "day", "hours": "hour", "seconds": "second"}
_CHANGES = ("change_rate", "year_ago_change_rate", "target_gap_rate", "attainment")


class Words:
    """How one language says texts, numbers, dates and periods, for one company."""

    def __init__(self, language: str, currency: str, fiscal_year_start: int) -> None:
        self.language = language
        self.currency = currency
        self.fiscal_year_start = fiscal_year_start
        self.locale = Locale.parse(language)
        self._texts = read_catalogue(language)

    def text(self, key: str, **values: str) -> str:
        """The words of a text key; KeyError names the key that the catalogue lacks."""
        return self.template(key).format(**values)

    def template(self, key: str) -> str:
        """The words of a text key with their placeholders."""
        if key not in self._texts:
            raise KeyError(f"text key {key} has no words in the catalogue of {self.language}")
        return self._texts[key]

    def code(self, field: str, code: str) -> str:
        """The words of a code; one the catalogue does not know is data somebody wrote, and stays as written."""
        return self._texts.get(f"{field}.{code}", code)

    def day(self, iso: str) -> str:
        """A day, in the one style of the language."""
        return format_date(date.fromisoformat(iso), self.template("format.date"), self.locale)

    def short_date(self, day: date) -> str:
        """A day without its year."""
        return format_date(day, self.template("format.day_month"), self.locale)

    def axis_label(self, period: Period) -> str:
        """A period on an axis; weeks by their first day."""
        if period.grain in ("day", "week"):
            return self.short_date(period.start)
        if period.grain == "month":
            return format_date(period.start, self.template("format.month_short"), self.locale)
        return period.label

    def d3_locale(self) -> dict[str, Any]:
        """Number signs of the language as charts want them."""
        symbols = self.locale.number_symbols["latn"]
        return {"decimal": symbols["decimal"], "thousands": symbols["group"], "grouping": [3], "currency": ["", ""]}

    def period(self, label: str) -> str:
        """A period by its label."""
        period = parse_period(label, self.fiscal_year_start)
        if period.grain == "day":
            return self.day(label)
        if period.grain == "month":
            return format_date(period.start, self.template("format.month"), self.locale)
        return self._numbered(period)

    def short_period(self, label: str) -> str:
        """A period as the head of a column."""
        period = parse_period(label, self.fiscal_year_start)
        if period.grain == "month":
            return format_date(period.start, self.template("format.month_head"), self.locale)
        return label

    def list(self, items: list[str]) -> str:
        """Items as a list in a sentence."""
        return format_list(items, locale=self.locale)

    def fact(self, fact: Mapping[str, Any], sign: str = "") -> str:
        """What a fact says. `sign`: signed shows a plus, size leaves any sign out."""
        if fact["value"] is None:
            return self._text_fact(fact) if fact["text_value"] is not None else NOTHING
        value = abs(fact["value"]) if sign == "size" else fact["value"]
        worded = self._number(value, fact["unit"], fact["field"]).replace("-", "\N{MINUS SIGN}")
        return f"+{worded}" if sign == "signed" and value > 0 and not self.is_zero(fact) else worded

    def count(self, number: float) -> str:
        """A number without unit, with at most two decimals."""
        return str(format_decimal(round(number, 2), locale=self.locale)).replace("-", "\N{MINUS SIGN}")

    def base(self, number: float) -> str:
        """A number of cases, or an amount, that a rate rests on."""
        return self._decimal(number, 0 if number == round(number) or abs(number) >= 100 else 2)

    def is_zero(self, fact: Mapping[str, Any]) -> bool:
        """Whether a change reads as none once it is rounded: points have two decimals."""
        return not (round(fact["value"], 2) if fact["unit"] == "points" else fact["value"])

    def _text_fact(self, fact: Mapping[str, Any]) -> str:
        if fact["unit"] == "date":
            return self.day(fact["text_value"])
        if fact["unit"] == "period":
            return self.period(fact["text_value"])
        if fact["unit"] == "code":
            return self.code(fact["field"], fact["text_value"])
        return str(fact["text_value"])

    def _number(self, value: float, unit: str, field: str) -> str:
        if unit == "fraction":
            decimals = 1 if field in _CHANGES or abs(value) >= 0.1 else 2
            pattern = "#,##0." + "0" * _telling(value * 100, decimals) + "%"
            return str(format_percent(value, pattern, self.locale))
        if unit == "points":
            return self.text("unit.points", number=format_decimal(round(value, 2), "#,##0.00", self.locale))
        if unit == "money":
            cents = abs(value) < 1000 and value != round(value)
            pattern = self.template("format.money_cents" if cents else "format.money")
            return str(format_currency(value, self.currency, pattern, self.locale, currency_digits=False))
        if unit in _DURATIONS:
            return str(format_unit(round(value, 1), _DURATIONS[unit], locale=self.locale))
        if unit == "times":
            return self.text("unit.times", number=self._decimal(value, 2))
        if unit == "boolean":
            return self.text("yes" if value else "no")
        return self.count(value) if unit == "number" else self._decimal(value, 0 if value == round(value) else 1)

    def _decimal(self, value: float, decimals: int) -> str:
        places = _telling(value, decimals)
        return str(format_decimal(value, "#,##0." + "0" * places if places else "#,##0", self.locale))

    def _numbered(self, period: Period) -> str:
        if period.grain == "week":
            year, week, _ = period.start.isocalendar()
            return self.text("period.week", week=str(week), year=str(year))
        kind = "" if period.fiscal_year_start == 1 else "fiscal_"
        return self.text(f"period.{kind}{period.grain}", quarter=str(period.quarter), year=str(period.year))


def languages() -> list[str]:
    """Languages there is a catalogue for, sorted."""
    return sorted(path.parents[1].name for path in LOCALE_DIR.glob("*/LC_MESSAGES/summary.po"))


@lru_cache
def read_catalogue(language: str) -> dict[str, str]:
    """Text keys and words of a language; a message left empty is not there."""
    with (LOCALE_DIR / language / "LC_MESSAGES" / "summary.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id and message.string}


def _telling(value: float, decimals: int) -> int:
    """As many decimals as asked for, or up to three more where the number would read as zero."""
    while value and round(value, decimals) == 0 and decimals < 4:
        decimals += 1
    return decimals
