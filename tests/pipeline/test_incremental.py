"""Tables that follow the days that changed hold the same rows as tables made anew, and touch no other day.

A shop of ten weeks, thrown with dice, and four rounds of what goes wrong after the fact: late rows, rows that changed,
moved to another day, were removed, or came back under another key; sessions, events and orders alike.
"""

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipeline.contracts import load_contracts
from pipeline.model import dbt
from pipeline.model.increments import must_rebuild
from pipeline.settings import DBT_PROJECT, EXPECTATIONS
from pipeline.sources import Feed
from pipeline.warehouse import open_warehouse
from tests.deliveries import Loader, make_feed
from tests.pipeline.dbt_seed import cover

FIRST, DAYS, ROUNDS = date(2031, 1, 10), 70, 4
# one of every kind that reads a table which follows its days: the others read the same tables
KPIS = (
    "active_users", "average_revenue_per_user", "funnel_purchase_rate", "session_conversion_rate", "stickiness",
    "user_growth_rate", "user_retention_rate",
)  # fmt: skip
MODELS = " ".join([*(f"+kpi_{kpi}" for kpi in KPIS), "+retention_cohorts"])
STEPS = ("page_view", "product_view", "add_to_cart", "checkout", "purchase")
# what is different on purpose: what changed since the newest build
ABOUT_THE_BUILD = ("int_changed_days", "int_changed_users")

Row = dict[str, str]
FEEDS: dict[str, Feed] = {
    "analytics.sessions": make_feed(
        "analytics.sessions",
        {name: name for name in ("session_id", "user_id", "visitor_id", "started_at", "channel", "device", "country", "engaged_seconds")},
        export="sessions", deleted="gone = 'yes'",
    ),
    "analytics.events": make_feed(
        "analytics.events",
        {name: name for name in ("event_id", "session_id", "event_name", "occurred_at")},
        export="events", deleted="gone = 'yes'",
    ),
    "finance.orders": make_feed(
        "finance.orders",
        {name: name for name in ("order_id", "customer_id", "session_id", "status", "ordered_at", "amount", "country")} | {"currency": "'USD'"},
        export="orders", deleted="gone = 'yes'",
    ),
    "finance.refunds": make_feed(
        "finance.refunds",
        {name: name for name in ("refund_id", "order_id", "refunded_at", "amount")} | {"currency": "'USD'"},
        export="refunds", deleted="gone = 'yes'",
    ),
}  # fmt: skip


@dataclass
class Shop:
    """The shop as its systems know it, by entity and id; `changed` are the ids not delivered since they changed."""

    chance: random.Random
    rows: dict[str, dict[str, Row]] = field(default_factory=lambda: {entity: {} for entity in FEEDS})
    changed: dict[str, dict[str, Row]] = field(default_factory=lambda: {entity: {} for entity in FEEDS})
    number: int = 0

    def put(self, entity: str, row: Row) -> None:
        key = next(iter(row.values()))
        self.rows[entity][key] = self.changed[entity][key] = row | {"gone": "no"}

    def remove(self, entity: str, key: str) -> None:
        self.changed[entity][key] = self.rows[entity].pop(key) | {"gone": "yes"}

    def new(self, letter: str) -> str:
        self.number += 1
        return f"{letter}{self.number}"

    def visit(self, day: date) -> None:
        """A session, often past midnight, with events and perhaps an order that is paid back later."""
        dice, start = self.chance, datetime(day.year, day.month, day.day, self.chance.randint(5, 23), 50)
        session, person = self.new("s"), dice.randint(1, 40)
        self.put("analytics.sessions", {
            "session_id": session, "user_id": f"u{person}" if dice.random() < 0.3 else "", "visitor_id": f"v{person}",
            "started_at": f"{start}", "channel": dice.choice(("email", "direct", "")), "device": dice.choice(("mobile", "desktop")),
            "country": dice.choice(("DE", "FR")), "engaged_seconds": dice.choice(("", "30", "45.5")),
        })  # fmt: skip
        for minute in range(dice.randint(0, 6)):
            self.put("analytics.events", {
                "event_id": self.new("e"), "session_id": session, "event_name": dice.choice(STEPS),
                "occurred_at": f"{start + timedelta(minutes=3 * minute)}",
            })  # fmt: skip
        if dice.random() < 0.2:
            order = self.new("o")
            self.put("finance.orders", {
                "order_id": order, "customer_id": f"c{person}", "session_id": session, "status": dice.choice(("paid", "cancelled")),
                "ordered_at": f"{start}", "amount": str(dice.randint(10, 90)), "country": "DE",
            })  # fmt: skip
            if dice.random() < 0.3:
                self.put("finance.refunds", {
                    "refund_id": self.new("r"), "order_id": order, "refunded_at": f"{start + timedelta(days=5)}", "amount": "5",
                })  # fmt: skip

    def some(self, entity: str, count: int) -> list[tuple[str, Row]]:
        return self.chance.sample(sorted(self.rows[entity].items()), count)

    def go_wrong(self) -> None:
        """Late, changed, moved, removed and re-keyed rows on a few days of the past."""
        dice = self.chance
        late = FIRST + timedelta(days=dice.randrange(DAYS))
        for _ in range(4):
            self.visit(late)
        for key, row in self.some("analytics.sessions", 2):
            self.put("analytics.sessions", row | {"channel": "paid_search", "user_id": f"u{dice.randint(1, 40)}"})
            moved = datetime.fromisoformat(row["started_at"]) + timedelta(days=dice.choice((-3, -1, 2)))
            self.put("analytics.sessions", self.rows["analytics.sessions"][key] | {"started_at": f"{moved}"})
        for key, row in self.some("analytics.sessions", 2):
            self.remove("analytics.sessions", key)
            if dice.random() < 0.5:
                again = self.new("s")
                self.put("analytics.sessions", row | {"session_id": again})
                for _, event in sorted(self.rows["analytics.events"].items()):
                    if event["session_id"] == key:
                        self.put("analytics.events", event | {"session_id": again})
        for _, row in self.some("analytics.events", 4):
            moved = datetime.fromisoformat(row["occurred_at"]) + timedelta(minutes=dice.choice((-1500, -7, 9, 1500)))
            self.put("analytics.events", row | {"occurred_at": f"{moved}", "event_name": dice.choice(STEPS)})
        for key, _ in self.some("analytics.events", 3):
            self.remove("analytics.events", key)
        for _, row in self.some("finance.orders", 2):
            other = dice.choice(sorted(self.rows["analytics.sessions"]))
            self.put("finance.orders", row | {"session_id": other, "status": dice.choice(("paid", "cancelled"))})
        self.remove("finance.orders", self.some("finance.orders", 1)[0][0])

    def deliver(self) -> dict[str, str]:
        """By entity a table of what changed since the last delivery."""
        tables = {entity: table(list(rows.values())) for entity, rows in self.changed.items() if rows}
        self.changed = {entity: {} for entity in FEEDS}
        return tables


def table(rows: list[Row]) -> str:
    return "\n".join([" | ".join(rows[0]), *(" | ".join(row.values()) for row in rows)])


@pytest.fixture(scope="module")
def deliveries() -> list[dict[str, str]]:
    """Seven of ten days each, then one a round of a new day and what went wrong before."""
    shop, rounds = Shop(random.Random(11)), []
    for number in range(DAYS):
        for _ in range(6):
            shop.visit(FIRST + timedelta(days=number))
        if number % 10 == 9:
            rounds.append(shop.deliver())
    for number in range(ROUNDS):
        for _ in range(6):
            shop.visit(FIRST + timedelta(days=DAYS + number))
        shop.go_wrong()
        rounds.append(shop.deliver())
    return rounds


@dataclass
class House:
    """A warehouse, deliveries going in, and the models built on it."""

    database: Path
    loader: Loader
    parsed: dbt.Parsed

    def take_in(self, delivery: dict[str, str], number: int) -> None:
        for entity, rows in sorted(delivery.items()):
            outcome = self.loader.load(rows, FEEDS[entity], file=f"{entity}_{number:02}.csv")
            assert outcome.status == "loaded", outcome

    def count_to(self, day: date) -> None:
        """The last business day counted, and what each entity covers then."""
        connection = self.loader.warehouse.connection
        connection.execute("delete from ops.company")
        connection.execute("insert into ops.company values ('Acme', 'America/New_York', 'USD', 4, ?, 3)", [day])
        connection.execute("delete from ops.source_status")
        first, last = connection.execute(
            "select min(session_date), max(session_date) from clean.analytics__sessions where not _is_deleted"
        ).fetchall()[0]
        for entity in FEEDS:
            begins = first if entity.startswith("analytics") else first + timedelta(days=2)
            cover(connection, entity, str(begins), str(last))

    def build(self, models: str = MODELS) -> None:
        warehouse = self.loader.warehouse
        result = dbt.build(self.parsed, warehouse.connection, select=models, indirect_selection="empty")
        with warehouse.transaction() as cursor:
            dbt.settle(self.parsed, cursor, result)

    def is_settled(self) -> bool:
        return self.loader.rows("select count(*) from ops.changed_days where is_pending") == [(0,)]

    def follows(self) -> bool:
        return not must_rebuild(self.parsed, self.loader.warehouse.connection)


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as dbt parses it, once for all warehouses."""
    folder = tmp_path_factory.mktemp("parsed")
    dbt.prepare(dbt.Project(DBT_PROJECT, folder, folder / "warehouse.duckdb"))
    return folder


@contextmanager
def opened(folder: Path, parsed_in: Path) -> Iterator[House]:
    if not (folder / "dbt").exists():
        shutil.copytree(parsed_in, folder / "dbt")
    database, contracts = folder / "warehouse.duckdb", load_contracts(EXPECTATIONS)
    warehouse = open_warehouse(database, contracts)
    try:
        parsed = dbt.prepare(dbt.Project(DBT_PROJECT, folder / "dbt", database))
        yield House(database, Loader(warehouse, contracts, folder / "landing"), parsed)
    finally:
        warehouse.close()


def as_of(number: int) -> date:
    """The last day of the round; one round is not counted to its end, the next one then to a day before that."""
    day = FIRST + timedelta(days=DAYS - 1 + number)
    return day - timedelta(days={2: 3, 3: 6}.get(number, 0))


@pytest.fixture(scope="module")
def followed(deliveries: list[dict[str, str]], parsed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The history, then round after round as it came; one build is cut off after the facts, and made good by the next."""
    folder = tmp_path_factory.mktemp("followed")
    with opened(folder, parsed) as house:
        for number, delivery in enumerate(deliveries[:-ROUNDS]):
            house.take_in(delivery, number)
        house.count_to(as_of(0))
        house.build()
        assert house.is_settled()
        for number, delivery in enumerate(deliveries[-ROUNDS:], 1):
            house.take_in(delivery, 90 + number)
            house.count_to(as_of(number))
            assert house.follows()
            if number == 3:
                house.build("+fct_sessions +fct_events +dim_users")
                assert not house.is_settled()
            house.build()
            assert house.is_settled()
    return folder


def test_followed_is_rebuilt(followed: Path, parsed: Path, tmp_path: Path) -> None:
    shutil.copytree(followed, tmp_path / "anew")
    with opened(tmp_path / "anew", parsed) as house:
        house.loader.rows("delete from ops.built_coverage")
        assert not house.follows()
        house.build()
    assert differences(followed, tmp_path / "anew") == []


def test_followed_is_backfilled(followed: Path, deliveries: list[dict[str, str]], parsed: Path, tmp_path: Path) -> None:
    """The newest fifty days first, the older ones after them, then what went wrong in two builds more."""
    history = list(enumerate(deliveries[:-ROUNDS]))[::-1]
    with opened(tmp_path, parsed) as house:
        for part in (history[:5], history[5:]):
            for number, delivery in part:
                house.take_in(delivery, number)
            house.count_to(as_of(0))
            house.build()
        rounds = list(enumerate(deliveries[-ROUNDS:], 1))
        for part in (rounds[:2], rounds[2:]):
            for number, delivery in part:
                house.take_in(delivery, 90 + number)
            house.count_to(as_of(ROUNDS))
            assert house.follows()
            house.build()
    assert differences(followed, tmp_path) == []


def test_only_changed_days_are_touched(
    followed: Path, deliveries: list[dict[str, str]], parsed: Path, tmp_path: Path
) -> None:
    """A mark on every row of the facts is gone from the days a delivery named, and from no other."""
    shutil.copytree(followed, tmp_path / "marked")
    marked = {"marts.fct_sessions": "landing_page", "marts.fct_events": "page"}
    with opened(tmp_path / "marked", parsed) as house:
        for name, column in marked.items():
            house.loader.rows(f"update {name} set {column} = 'marked'")
        day = FIRST + timedelta(days=20)
        shop = Shop(random.Random(3), number=100_000)
        for _ in range(5):
            shop.visit(day)
        house.take_in(shop.deliver(), 99)
        house.build()
        for name, column in marked.items():
            date_column = "session_date" if "sessions" in name else "event_date"
            lost = house.loader.rows(f"select distinct {date_column} from {name} where {column} is null order by 1")
            assert {row[0] for row in lost} <= {day, day + timedelta(days=1)}
            assert lost
            assert house.loader.rows(f"select count(*) > 1000 from {name} where {column} = 'marked'") == [(True,)] or (
                name == "marts.fct_sessions"
            )


def test_days_stay_pending_until_everything_was_built_and_nothing_is_red(
    followed: Path, parsed: Path, tmp_path: Path
) -> None:
    """A data test that looks at changed days alone would be green the next time, were they settled."""
    shutil.copytree(followed, tmp_path / "red")
    with opened(tmp_path / "red", parsed) as house:
        house.loader.rows("update ops.changed_days set is_pending = true where day = '2031-01-12'")
        result = dbt.build(house.parsed, house.loader.warehouse.connection, select=MODELS, indirect_selection="empty")
        check = dbt.CheckResult("test.ops_summary.key", "key.sql", "key", "error", False, False, 1, 0.0, "1 row")
        for one, is_settled in (
            (replace(result, checks=(check,)), False),
            (replace(result, models=tuple(m for m in result.models if m.name != "fct_events")), False),
            (replace(result, checks=(replace(check, severity="warn"),)), True),
        ):
            with house.loader.warehouse.transaction() as cursor:
                dbt.settle(house.parsed, cursor, one)
            assert house.is_settled() is is_settled


def test_a_changed_configuration_makes_all_tables_anew(followed: Path, parsed: Path, tmp_path: Path) -> None:
    shutil.copytree(followed, tmp_path / "moved")
    with opened(tmp_path / "moved", parsed) as house:
        assert house.follows()
        house.loader.rows("update ops.company set fiscal_year_start = 7")
        assert not house.follows()


def test_most_days_changed_makes_all_tables_anew(followed: Path, parsed: Path, tmp_path: Path) -> None:
    shutil.copytree(followed, tmp_path / "most")
    with opened(tmp_path / "most", parsed) as house:
        days = "select 'analytics.events', cast(range as date), 'x', true from range(date '2031-01-10', date '2031-02-{:02}', interval 1 day)"
        house.loader.rows("insert into ops.changed_days " + days.format(10))
        assert house.follows()
        house.loader.rows("insert into ops.changed_days " + days.format(28))
        assert not house.follows()


def differences(left: Path, right: Path) -> list[str]:
    """Tables of models with rows that the other warehouse has not."""
    with duckdb.connect() as connection:
        for name, folder in (("l", left), ("r", right)):
            connection.execute(f"attach '{folder}/warehouse.duckdb' as {name} (read_only)")
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'l'"
            " and schema_name in ('intermediate', 'marts', 'kpis') and not list_contains(?, table_name) order by 1",
            [list(ABOUT_THE_BUILD)],
        ).fetchall()
        assert len(tables) > 20
        return [
            f"{name}: {count} rows"
            for (name,) in tables
            for (count,) in connection.execute(
                f"select (select count(*) from (from l.{name} except all from r.{name}))"
                f" + (select count(*) from (from r.{name} except all from l.{name}))"
            ).fetchall()
            if count
        ]
