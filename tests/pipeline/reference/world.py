"""What the reference may know: the clean tables, what they cover, and the company."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from tests.pipeline.reference.periods import DAY, Span, days, span

Row = dict[str, Any]
Coverage = tuple[date, date]
# four places, as every stored number has
PLACES = Decimal("0.0001")
RATE_DAYS = 7
FAR = 3 * 366


@dataclass(frozen=True, eq=False)
class World:
    """One company's clean rows, soft-deleted ones left out. Compared as itself, so that what is derived can be cached."""

    tables: dict[str, list[Row]]
    covers: dict[str, tuple[date | None, date | None]]
    currency: str
    as_of: date
    year_start: int

    def rows(self, entity: str) -> list[Row]:
        """The rows of an entity; none where nobody delivered it."""
        return self.tables.get(entity, [])

    def by_key(self, entity: str, column: str) -> dict[str, Row]:
        """The rows of an entity by their id."""
        return {identity: row for row in self.rows(entity) if (identity := key(row, column))}

    def happened(self, day: date | None) -> bool:
        """Whether something of that day has happened by as_of; what has no day has."""
        return day is None or day <= self.as_of

    def coverage(self, entities: Iterable[str]) -> Coverage | None:
        """The days all entities cover; None where one has no load or they share no day. `a|b`: what is loaded of both."""
        first, last = date.min, self.as_of
        for entity in entities:
            loaded = [self.covers[name] for name in entity.split("|") if name in self.covers]
            if not loaded:
                return None
            first = max([first, *(start for start, _ in loaded if start)])
            last = min([last, *(end for _, end in loaded if end)])
        return (first, last) if date.min < first <= last else None

    def in_company_money(self, amount: Any, currency: str | None, day: date | None) -> Decimal | None:
        """The amount in the company's currency at that day's rate; None where there is no amount or no rate."""
        rate = self.rate(currency, day)
        return None if amount is None or rate is None else (Decimal(amount) * rate).quantize(PLACES)

    def rate(self, currency: str | None, day: date | None) -> Decimal | None:
        """What one unit of the currency is worth on that day: the newest rate, at most a week old."""
        if currency == self.currency:
            return Decimal(1)
        if currency is None or day is None:
            return None
        for age in range(RATE_DAYS + 1):
            rate = _exchange(self._quotes.get(day - age * DAY, {}), currency, self.currency)
            if rate is not None:
                return rate
        return None

    @cached_property
    def _quotes(self) -> dict[date, dict[tuple[str, str], Decimal]]:
        """The delivered rates by day, then by base and quote currency."""
        quotes: dict[date, dict[tuple[str, str], Decimal]] = defaultdict(dict)
        for row in self.rows("finance.fx_rates"):
            quotes[row["rate_date"]][row["base_currency"], row["quote_currency"]] = Decimal(repr(row["rate"]))
        return quotes

    def period(self, label: str) -> Span | None:
        """The week, month, quarter or year of that label; calendar and fiscal names are one where the year begins in January."""
        return self._labels.get(label.removeprefix("FY") if self.year_start == 1 else label)

    @cached_property
    def _labels(self) -> dict[str, Span]:
        around = list(days(self.as_of - FAR * DAY, self.as_of + FAR * DAY))
        found = [span(grain, day, self.year_start) for day in around for grain in ("week", "month", "quarter", "year")]
        return {one.label: one for one in found}


def key(row: Row, column: str) -> str | None:
    """The id in the column, unique across namespaces; None where it is missing."""
    return None if row[column] is None else f"{row['_namespace']}:{row[column]}"


def read_world(warehouse: Path) -> World:
    """Read everything from a warehouse file."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'clean'").fetchall()
        tables = {name.replace("__", ".", 1): _rows(connection, f"clean.{name}") for (name,) in names}
        company = _rows(connection, "ops.company")[0]
        statuses = _rows(connection, "ops.source_status")
    live = {entity: [row for row in rows if not row["_is_deleted"]] for entity, rows in tables.items()}
    return World(live, _covers(statuses), company["currency"], company["as_of"], company["fiscal_year_start"])


def _covers(statuses: list[Row]) -> dict[str, tuple[date | None, date | None]]:
    """Per loaded entity its first day and its last: the earliest first and the earliest last of its sources."""
    loaded: dict[str, list[Row]] = defaultdict(list)
    for row in statuses:
        if row["status"] in {"current", "stale"}:
            loaded[row["entity"]].append(row)
    return {
        entity: (
            min((row["covered_from"] for row in rows if row["covered_from"]), default=None),
            min((row["covered_to"] for row in rows if row["covered_to"]), default=None),
        )
        for entity, rows in loaded.items()
    }


def _exchange(quotes: dict[tuple[str, str], Decimal], base: str, quote: str) -> Decimal | None:
    """The rate of one day: direct, else turned round, else through the first third currency by name."""
    rate = _pair(quotes, base, quote)
    if rate is not None:
        return rate
    for pivot in sorted({currency for pair in quotes for currency in pair} - {base, quote}):
        first, second = _pair(quotes, base, pivot), _pair(quotes, pivot, quote)
        if first is not None and second is not None:
            return first * second
    return None


def _pair(quotes: dict[tuple[str, str], Decimal], base: str, quote: str) -> Decimal | None:
    if (base, quote) in quotes:
        return quotes[base, quote]
    return 1 / quotes[quote, base] if (quote, base) in quotes else None


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
    found = connection.execute(f"select * from {table}")
    columns = [column[0] for column in found.description or []]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
