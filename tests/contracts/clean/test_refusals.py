"""Every reason to refuse a delivery has one that fails just that; the last good rows stand each time."""

import duckdb
import pytest

from pipeline.clean import commit
from pipeline.clean.outcome import Batch
from tests.contracts.clean.test_outcomes import ORDERS, many, orders
from tests.deliveries import Loader, make_feed

GOOD = orders(*many(3))


def refused(loader: Loader, table: str, write: str = "merge") -> str:
    """Load something good, then the table; the second must be refused and leave the first as it was."""
    feed = make_feed("finance.orders", ORDERS, write=write)
    assert loader.load(GOOD, feed).status == "loaded"
    before = loader.rows("select * from clean.finance__orders order by order_id")
    outcome = loader.load(table, feed, file="bad.csv")
    assert outcome.status == "refused"
    assert loader.rows("select * from clean.finance__orders order by order_id") == before
    assert loader.rows("select status, reason from ops.loads where file = 'bad.csv'") == [("refused", outcome.reason)]
    assert outcome.reason is not None
    assert outcome.reason.startswith("bad.csv: ")
    return outcome.reason


def test_a_column_the_mapping_needs_is_missing(loader: Loader) -> None:
    reason = refused(
        loader, "id | who | state | at | changed\n1 | c | placed | 2031-03-01 10:00:00 | 2031-03-01 10:00:00"
    )
    assert "amount needs the column 'total'" in reason
    assert "connectors/shop.yml" in reason


def test_too_many_rows_would_go_to_quarantine(loader: Loader) -> None:
    reason = refused(
        loader, orders(*[f"{n} | c | placed | never | 1.00 | 2031-03-01 10:00:00" for n in range(2)], *many(100, 5000))
    )
    assert "2 of 102 rows (2.0%)" in reason
    assert "cast:ordered_at" in reason


def test_too_much_money_would_go_to_quarantine(loader: Loader) -> None:
    reason = refused(loader, orders("1 | c | placed | never | 500.00 | 2031-03-01 10:00:00", *many(200, 5000)))
    assert "500 of 2,500 amount (20.0%)" in reason


PAYMENTS = {
    "payment_id": "id", "status": "state", "attempted_at": "at", "amount": "total", "fee": "fee", "currency": "'usd'",
}  # fmt: skip


@pytest.mark.parametrize(
    ("bad", "told"), [("never | 1.00 | 500.00", None), ("never | 500.00 | 1.00", "of 3,500 amount")]
)
def test_a_payment_with_an_odd_fee_is_no_reason_to_refuse_all(loader: Loader, bad: str, told: str | None) -> None:
    """What the rows are about is measured: the amount each has to have."""
    good = [f"{number} | succeeded | 2031-03-01 10:00:00 | 10.00 | 0.30" for number in range(300)]
    table = "\n".join(["id | state | at | total | fee", f"x | succeeded | {bad}", *good])
    outcome = loader.load(table, make_feed("finance.payments", PAYMENTS))
    assert outcome.status == ("refused" if told else "loaded")
    assert (told or "None") in str(outcome.reason)


def test_of_amounts_no_row_has_to_have_the_largest_is_measured(loader: Loader) -> None:
    feed = make_feed(
        "finance.products", {"product_id": "id", "name": "name", "list_price": "price", "unit_cost": "cost"}
    )
    good = [f"{number} | Thing | 10.00 | 1.00" for number in range(300)]
    table = "\n".join(["id | name | price | cost", " | Thing | 1.00 | 50.00", *good])
    assert loader.load(table, feed).status == "loaded"
    table = "\n".join(["id | name | price | cost", " | Thing | 500.00 | 1.00", *good])
    assert "of 3,500 list_price" in str(loader.load(table, feed, file="bad.csv").reason)


def test_a_snapshot_shrank_too_far(loader: Loader) -> None:
    reason = refused(loader, orders(*many(1)), "snapshot")
    assert "2 of 3 rows are gone" in reason


def test_a_blocking_rule_of_the_suite_fails(loader: Loader) -> None:
    feed = make_feed("planning.targets", {"kpi_id": "kpi", "period": "period", "target": "goal"})
    outcome = loader.load("kpi | period | goal\norders | 2031-03 | 5\nordres | 2031-03 | 5", feed, loader.real_rules)
    assert outcome.status == "refused"
    assert outcome.reason is not None
    assert "ordres" in outcome.reason
    assert loader.rows("select count(*) from clean.planning__targets") == [(0,)]


def test_rows_and_money_that_do_not_add_up_refuse_the_delivery(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of ours must not get through either: here the write loses a row."""
    write = commit._write_rows

    def lossy(cursor: duckdb.DuckDBPyConnection, batch: Batch, tallies: commit.Tallies) -> None:
        cursor.execute(f"delete from {batch.work} where _source_row = 1")
        write(cursor, batch, tallies)

    monkeypatch.setattr(commit, "_write_rows", lossy)
    outcome = loader.load(GOOD, make_feed("finance.orders", ORDERS))
    assert outcome.status == "refused"
    assert outcome.reason is not None
    assert "do not add up" in outcome.reason
    assert loader.rows("select count(*) from clean.finance__orders") == [(0,)]
