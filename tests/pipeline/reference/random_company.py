"""A company thrown with dice: eight months of every entity, loaded into a warehouse as clean tables."""

import csv
import random
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from tests.pipeline.dbt_seed import cover, create_tables
from tests.pipeline.reference import random_shop, random_web
from tests.pipeline.reference.dice import Dice
from tests.pipeline.reference.random_web import Rows

FIRST, LAST, AS_OF = date(2030, 8, 20), date(2031, 5, 10), date(2031, 4, 23)
NULL = "<null>"
# first and last day each source says it covers; what begins or ends elsewhere bounds the KPIs that need it
COVERS: dict[str, list[tuple[str | None, str | None]]] = {
    "analytics.sessions": [("2030-09-20", "2031-04-12"), ("2030-10-03", "2031-04-30")],
    "analytics.events": [("2030-10-01", "2031-03-31")],
    "crm.accounts": [(None, None)],
    "crm.leads": [("2030-09-10", "2031-04-30")],
    "crm.opportunities": [("2030-09-15", "2031-05-09")],
    "crm.owners": [(None, None)],
    "feedback.responses": [("2030-09-20", "2031-04-20")],
    "feedback.tickets": [("2030-09-20", "2031-05-20")],
    "finance.expenses": [("2030-09-01", "2031-03-31")],
    "finance.fx_rates": [("2030-01-01", "2031-05-01")],
    "finance.invoices": [("2030-10-01", "2031-04-22")],
    "finance.order_lines": [("2030-09-24", "2031-04-30")],
    "finance.orders": [("2030-09-24", "2031-04-10"), (None, None)],
    "finance.payments": [("2030-09-20", "2031-04-30")],
    "finance.products": [(None, None)],
    "finance.refunds": [("2030-10-02", "2031-04-21")],
    "finance.subscriptions": [("2030-09-02", "2031-04-30")],
    "market.sizes": [(None, None)],
    "marketing.spend_daily": [("2030-09-05", "2031-04-30")],
    "planning.targets": [(None, None)],
    "social.followers_daily": [("2030-09-05", "2031-05-01")],
    "social.posts": [("2030-09-05", "2031-05-01")],
}


@dataclass(frozen=True)
class Company:
    """What is thrown: the seed, the company's currency and fiscal year, and the entities nobody delivers."""

    seed: int
    currency: str
    year_start: int
    absent: frozenset[str] = field(default_factory=frozenset)


def seed_random(connection: duckdb.DuckDBPyConnection, company: Company, folder: Path) -> None:
    """Create the warehouse's tables and fill them; the rows pass through files in the folder."""
    create_tables(connection)
    connection.execute(
        "insert into ops.company values ('Acme', 'Europe/Berlin', ?, ?, ?, 3)",
        [company.currency, company.year_start, AS_OF],
    )
    dice = Dice(random.Random(company.seed), FIRST, LAST)
    for entity, rows in _tables(dice, company.year_start).items():
        if entity not in company.absent:
            _load(connection, entity, _finished(dice, entity, rows), folder / f"{entity}.csv")
            for number, (first, last) in enumerate(COVERS[entity]):
                cover(connection, entity, first, last, "stale" if number else "current")


def _tables(dice: Dice, year_start: int) -> dict[str, Rows]:
    visits = random_web.sessions(dice)
    placed = random_shop.orders(dice, visits)
    sold = random_shop.order_lines(dice, placed)
    billed = random_shop.invoices(dice)
    return {
        "analytics.sessions": visits,
        "analytics.events": random_web.events(dice, visits),
        "crm.accounts": random_web.accounts(),
        "crm.leads": random_web.leads(dice),
        "crm.opportunities": random_web.opportunities(dice),
        "crm.owners": random_web.owners(),
        "feedback.responses": random_web.responses(dice),
        "feedback.tickets": random_web.tickets(dice),
        "finance.expenses": random_shop.expenses(dice),
        "finance.fx_rates": random_shop.fx_rates(dice),
        "finance.invoices": billed,
        "finance.order_lines": sold,
        "finance.orders": placed,
        "finance.payments": random_shop.payments(dice, billed),
        "finance.products": random_shop.products(),
        "finance.refunds": random_shop.refunds(dice, placed, sold),
        "finance.subscriptions": random_shop.subscriptions(dice),
        "market.sizes": random_shop.sizes(dice, year_start),
        "marketing.spend_daily": random_shop.spend(dice),
        "planning.targets": random_web.targets(dice, year_start),
        "social.followers_daily": random_web.followers(dice),
        "social.posts": random_web.posts(dice),
    }


def _finished(dice: Dice, entity: str, rows: Rows) -> Rows:
    """With the columns every clean row has; a few rows deleted at their source."""
    return [
        {
            "_namespace": "shop",
            "_source": "seed",
            "_load_id": "load_1",
            "_row_id": f"{entity}:{number}",
            "_is_deleted": dice.any((None, False)) if dice.happens(0.97) else True,
            **row,
        }
        for number, row in enumerate(rows)
    ]


def _load(connection: duckdb.DuckDBPyConnection, entity: str, rows: Rows, path: Path) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(columns)
        writer.writerows([NULL if row.get(name) is None else row[name] for name in columns] for row in rows)
    connection.execute(
        f"insert into clean.{entity.replace('.', '__')} by name select * from read_csv("
        f"'{path}', all_varchar = true, header = true, delim = ',', quote = '\"', nullstr = '{NULL}', allow_quoted_nulls = true)"
    )
