"""Loading again what is landed: after a correction the clean rows are those of a load from nothing."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from pipeline.clean.load import load_feed
from pipeline.clean.outcome import LoadContext
from pipeline.clean.recipe import recipe
from pipeline.clean.status import load_rivals_again
from pipeline.connector import Mapping
from pipeline.contracts import Contract, Contracts
from pipeline.sources import Feed
from pipeline.validate.results import RuleResult
from pipeline.warehouse import open_warehouse
from tests.contracts.clean.test_outcomes import ORDERS, many, orders
from tests.deliveries import AT, Landed, Loader, make_feed, no_rules

FEED = make_feed("finance.orders", ORDERS)
UNVERSIONED = {name: sql for name, sql in ORDERS.items() if name != "updated_at"}
STANDS = "select * from clean.finance__orders where not _is_deleted order by all"
KEPT_OUT = "select row_id, rule from quarantine.rows order by all"
COUNTED = """select file, status, rows_read, rows_clean, rows_quarantined, rows_duplicate, rows_superseded, rows_removed
    from ops.loads order by file"""


def states(loader: Loader) -> Callable[[str, Contract], Sequence[RuleResult]]:
    """One rule of the contract's suite, judged without the framework, which takes a hundred times as long."""

    def validate(table: str, _: Contract) -> Sequence[RuleResult]:
        query = f"select _row_id from candidate.{table} where status not in ('placed', 'paid')"
        checked, bad = loader.rows(
            f"select count(*), count(*) filter (where _row_id in ({query})) from candidate.{table}"
        )[0]
        said = ("states", "expect_column_values_to_be_in_set", "status", "critical", "quarantine", "no known state")
        return [RuleResult(*said, bad == 0, checked, bad, query if bad else None, None)]

    return validate


def order(number: int, state: str = "placed", day: int = 1, changed: int = 1, total: str = "10.00") -> str:
    return f"{number} | c | {state} | 2031-03-{day:02} 10:00:00 | {total} | 2031-03-{changed:02} 10:00:00"


def from_nothing(
    tmp_path: Path, contracts: Contracts, landed: Sequence[Landed], feed: Feed, *, one_by_one: bool
) -> dict[str, list[tuple[object, ...]]]:
    """What a new warehouse holds after these deliveries, all at once or each before the next comes."""
    only = {feed.entity: contracts[feed.entity]}
    warehouse = open_warehouse(tmp_path / "from_nothing" / "warehouse.duckdb", only)
    fresh = Loader(warehouse, contracts, tmp_path / "unused")
    for upto in range(1 if one_by_one else len(landed), len(landed) + 1):
        fresh.load_all(landed[:upto], feed, states(fresh))
    found = {sql: fresh.rows(sql) for sql in (STANDS, KEPT_OUT)}
    warehouse.close()
    return found


# name: (write, columns before, columns after, deliveries); before the correction something is kept out, or let in
CORRECTED = {
    "a spelling of a state": (
        "merge",
        ORDERS,
        ORDERS | {"status": "replace(state, 'odd', 'paid')"},
        [[*many(120), order(1, "odd")], [*many(120, 2000), order(2, "odd")]],
    ),
    "a newer version that is no longer sound": (
        "merge",
        ORDERS,
        ORDERS | {"status": "replace(state, 'paid', 'odd')"},
        [[*many(120), order(1)], [*many(120, 2000), order(1, "paid", changed=2)]],
    ),
    "a newer version that is sound now": (
        "merge",
        UNVERSIONED,
        UNVERSIONED | {"status": "replace(state, 'odd', 'paid')"},
        [[*many(120), order(1)], [*many(120, 2000), order(1, "odd", changed=2)]],
    ),
    "the first delivery of an appended key": (
        "append",
        UNVERSIONED,
        UNVERSIONED | {"status": "replace(state, 'odd', 'paid')"},
        [[*many(120), order(1, "odd")], [*many(120, 2000), order(1, day=2)]],
    ),
    "the first delivery of an appended key, no longer sound": (
        "append",
        UNVERSIONED,
        UNVERSIONED | {"status": "replace(state, 'paid', 'odd')"},
        [[*many(120), order(1, "paid")], [*many(120, 2000), order(1, day=2)]],
    ),
    "a row of an older snapshot that vanished since": (
        "snapshot",
        ORDERS,
        ORDERS | {"status": "replace(state, 'odd', 'paid')"},
        [[*many(120), order(1, "odd"), order(2)], [*many(120), order(3)]],
    ),
    "snapshots that grew": (
        "snapshot",
        ORDERS,
        ORDERS | {"status": "replace(state, 'odd', 'paid')"},
        [many(100), many(250), [*many(700), order(1, "odd")]],
    ),
}


ONE_BY_ONE = ("a newer version that is no longer sound", "the first delivery of an appended key, no longer sound")


@pytest.mark.parametrize(
    ("name", "one_by_one"), [*((name, False) for name in CORRECTED), *((name, True) for name in ONE_BY_ONE)]
)
def test_a_correction_leaves_what_a_load_from_nothing_leaves(
    loader: Loader, contracts: Contracts, tmp_path: Path, name: str, one_by_one: bool
) -> None:
    write, before, after, tables = CORRECTED[name]
    landed = [loader.land(orders(*table), f"{number}.csv") for number, table in enumerate(tables)]
    wrong, right = (make_feed("finance.orders", columns, write=write) for columns in (before, after))
    expected = from_nothing(tmp_path, contracts, landed, right, one_by_one=one_by_one)
    for upto in range(1 if one_by_one else len(landed), len(landed) + 1):
        loader.load_all(landed[:upto], wrong, states(loader))
    assert {sql: loader.rows(sql) for sql in (STANDS, KEPT_OUT)} != expected, "nothing was to be corrected"
    loader.load_all(landed, right, states(loader))
    assert {sql: loader.rows(sql) for sql in (STANDS, KEPT_OUT)} == expected
    counted = loader.rows(COUNTED)
    assert {one.status for one in loader.load_all(landed, right, states(loader))} <= {"known"}
    assert loader.rows(COUNTED) == counted


@pytest.mark.parametrize("write", ["merge", "append"])
def test_a_bad_newer_row_loaded_together_with_a_good_older_one_takes_nothing_away(loader: Loader, write: str) -> None:
    """Loaded one after the other the older row would stand, so it has to stand loaded together too."""
    feed = make_feed("finance.orders", ORDERS if write == "merge" else UNVERSIONED, write=write)
    good, bad = order(1), order(1, "odd", changed=2)
    tables = (
        [[*many(120), good], [*many(120, 2000), bad]]
        if write == "merge"
        else [[*many(120), bad], [*many(120, 2000), good]]
    )
    landed = [loader.land(orders(*table), f"{number}.csv") for number, table in enumerate(tables)]
    loader.load_all(landed, feed, states(loader))
    assert loader.rows("select status from clean.finance__orders where order_id = '1'") == [("placed",)]
    assert loader.rows("select count(*) from quarantine.rows") == [(1,)]


def test_a_row_that_gave_way_to_another_source_comes_back_when_that_source_goes(loader: Loader) -> None:
    shop, ledger = FEED, make_feed("finance.orders", ORDERS, source="ledger", is_primary=True)
    landed = loader.land(orders(order(1, "placed")))
    loader.load_all([landed], shop)
    loader.load(orders(order(1, "paid")), ledger, file="ledger.csv")
    assert loader.rows("select status from clean.finance__orders") == [("paid",)]
    with loader.warehouse.transaction() as cursor:
        load_rivals_again(cursor, "ledger", "export", "finance.orders")
        cursor.execute("delete from clean.finance__orders where _source = 'ledger'")
        cursor.execute("delete from ops.loads where source = 'ledger'")
    loader.load_all([landed], shop)
    assert loader.rows("select status from clean.finance__orders") == [("placed",)]


def test_a_rule_whose_parameter_has_other_values_now_is_asked_again(loader: Loader) -> None:
    """A target for a KPI of the user's own is refused until there is that KPI."""
    feed = make_feed("planning.targets", {"kpi_id": "kpi", "period": "period", "target": "goal"})
    landed = loader.land("kpi | period | goal\norders | 2031-03 | 5")
    statuses = []
    for known in (["visits"], ["visits"], ["orders", "visits"]):
        context = LoadContext("run", AT, "key", {"kpi_ids": known})
        contract = loader.contracts["planning.targets"]
        statuses += [one.status for one in load_feed(loader.warehouse, contract, feed, [landed], no_rules, context)]
    assert statuses == ["loaded", "known", "loaded"]


CONTEXT = LoadContext("run", AT, "key", {"kpi_ids": ("orders",)})
SAME = {
    "another run": LoadContext("another", AT, "key", {"kpi_ids": ("orders",)}),
    "a key that hides nothing of it": LoadContext("run", AT, "other", {"kpi_ids": ("orders",)}),
    "a parameter no rule of it names": LoadContext("run", AT, "key", {"kpi_ids": ("orders", "visits")}),
}


@pytest.mark.parametrize("context", SAME.values(), ids=SAME)
def test_what_decides_nothing_is_not_in_the_recipe(contracts: Contracts, context: LoadContext) -> None:
    contract = contracts["finance.orders"]
    assert recipe(contract, FEED, context) == recipe(contract, FEED, CONTEXT)
    moved = FEED.model_copy(update={"connector_file": "elsewhere.yml", "stops_on_failure": True})
    assert recipe(contract, moved, context) == recipe(contract, FEED, CONTEXT)


def test_what_decides_is_in_the_recipe(contracts: Contracts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    contract, owners = contracts["finance.orders"], make_feed("crm.owners", {"owner_id": "id", "email": "mail"})
    other_key = LoadContext("run", AT, "other", CONTEXT.parameters)
    found = {
        recipe(contract, FEED, CONTEXT),
        recipe(contract, make_feed("finance.orders", ORDERS | {"country": "'US'"}), CONTEXT),
        recipe(contract, make_feed("finance.orders", ORDERS, zone="UTC"), CONTEXT),
        recipe(contract.model_copy(update={"max_quarantined": 0.5}), FEED, CONTEXT),
        recipe(contracts["crm.owners"], owners, CONTEXT),
        recipe(contracts["crm.owners"], owners, other_key),
    }
    (tmp_path / "macros.sql").write_text("-- others")
    monkeypatch.setattr("pipeline.clean.recipe.MACROS_SQL", tmp_path / "macros.sql")
    assert len(found | {recipe(contract, FEED, CONTEXT)}) == 7


PROGRAM = """
from datetime import datetime
from pipeline.clean.outcome import LoadContext
from pipeline.clean.recipe import recipe
from pipeline.contracts import Contract
from pipeline.sources import Feed
contract, feed = (model.model_validate_json(text) for model, text in zip((Contract, Feed), INPUT, strict=True))
print(recipe(contract, feed, LoadContext("run", datetime.min, "key")))
"""


LEADS = Mapping(columns={"lead_id": "id", "email": "mail", "status": "state", "created_at": "at", "channel": "by"})


def test_the_recipe_is_the_same_in_every_process(contracts: Contracts, repository: Path) -> None:
    """Else every run would load everything again."""
    said = [contracts["crm.leads"].model_dump_json(), FEED.model_copy(update={"mapping": LEADS}).model_dump_json()]
    found = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM.replace("INPUT", repr(said))],
            cwd=repository,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
