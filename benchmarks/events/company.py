"""The exports of a company of a given size, history and seed."""

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from string import Template

import duckdb

HERE = Path(__file__).parent
EVENTS_A_SESSION = 5
EXPORTS = {"sessions": "parquet", "events": "parquet", "orders": "csv", "order_lines": "csv", "refunds": "csv"}
OPTIONS = {"parquet": "format parquet, compression zstd", "csv": "format csv, header"}
DAYS_ALONE = 30
# Days before all others, of which no file tells: their orders are refunded later
UNTOLD = 30


@dataclass(frozen=True)
class Company:
    """Its newest `days` days hold `events` events, evenly; the day after them is one more of the same."""

    events: int
    days: int = 730
    newest_day: date = date(2026, 10, 30)
    seed: int = 1

    @property
    def sessions_a_day(self) -> int:
        return max(1, self.events // EVENTS_A_SESSION // self.days)

    def day(self, number: int) -> date:
        """Day 0 is the first of all; number `days` is the day after the newest."""
        return self.newest_day + timedelta(days=number - self.days + 1)


def make(company: Company, folder: Path, history: int) -> Path:
    """The exports of the newest `history` days; returns the sources.yml, which covers one day more."""
    exports, first, end = folder / "exports", company.days - history, company.days
    exports.mkdir(parents=True)
    for connector in ("analytics.yml", "shop.yml"):
        shutil.copy(HERE / connector, folder)
    template = Template((HERE / "sources.yml").read_text(encoding="utf-8"))
    bounds = {"first_day": company.day(first).isoformat(), "last_day": company.day(end).isoformat()}
    (folder / "sources.yml").write_text(template.substitute(bounds), encoding="utf-8")
    newest = max(first, end - DAYS_ALONE)
    write(company, exports, [*months(company, first, newest), *((day, day + 1) for day in range(newest, end))])
    return folder / "sources.yml"


def add_day(company: Company, folder: Path) -> None:
    """The exports of the day after the newest."""
    write(company, folder / "exports", [(company.days, company.days + 1)])


def months(company: Company, first: int, end: int) -> list[tuple[int, int]]:
    """Calendar months of the days from `first` until before `end`, the first and the last perhaps in part."""
    starts = [first, *(number for number in range(first + 1, end) if company.day(number).day == 1), end]
    return [(start, stop) for start, stop in pairwise(starts) if start < stop]


def write(company: Company, exports: Path, spans: list[tuple[int, int]]) -> None:
    connection = duckdb.connect()
    settings = {"seed": company.seed, "sessions_a_day": company.sessions_a_day, "first_day": company.day(-UNTOLD)}
    for name, value in settings.items():
        connection.execute(f"set variable {name} = ?", [value])
    connection.execute((HERE / "exports.sql").read_text(encoding="utf-8"))
    for start, stop in spans:
        for export, suffix in EXPORTS.items():
            path = exports / f"{export}_{company.day(start)}.{suffix}"
            connection.execute(
                f"copy (from {export}({start + UNTOLD}, {stop + UNTOLD})) to '{path}' ({OPTIONS[suffix]})"
            )
    connection.close()
