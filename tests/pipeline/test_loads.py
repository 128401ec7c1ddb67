"""What the record of loads promises: a delivery seen before is a no-op, a changed recipe loads it again."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.clean.status import record_refused_file, withdraw_refusals
from pipeline.sources import Feed
from tests.contracts.clean.test_outcomes import HEAD, ORDERS, many, orders
from tests.deliveries import AT, Loader, make_feed

FEED = make_feed("finance.orders", ORDERS)


def test_a_delivery_seen_before_is_a_no_op(loader: Loader) -> None:
    landed = loader.land(orders(*many(3)))
    assert loader.load_landed(landed, FEED).status == "loaded"
    before = loader.rows("select * from ops.loads") + loader.rows("select * from ops.changed_days")
    assert loader.load_landed(landed, FEED).status == "known"
    assert loader.rows("select * from ops.loads") + loader.rows("select * from ops.changed_days") == before


def test_a_refused_delivery_is_not_tried_again_until_something_changed(loader: Loader) -> None:
    landed = loader.land("id | who\n1 | c")
    assert loader.load_landed(landed, FEED).status == "refused"
    assert loader.load_landed(landed, FEED).status == "known"


def test_a_corrected_mapping_loads_the_delivery_again(loader: Loader) -> None:
    landed = loader.land(orders(*many(3)))
    loader.load_landed(landed, FEED)
    corrected = make_feed("finance.orders", ORDERS | {"amount": "cast(total as decimal(18,2)) * 2"})
    assert loader.load_landed(landed, corrected).status == "loaded"
    assert loader.rows("select count(*), sum(amount)::double from clean.finance__orders") == [(3, 60.0)]
    assert loader.rows("select count(*) from ops.loads") == [(1,)]


def test_loading_an_older_delivery_again_does_not_undo_a_newer_one(loader: Loader) -> None:
    without_version = {name: sql for name, sql in ORDERS.items() if name != "updated_at"}
    feed = make_feed("finance.orders", without_version)
    first = loader.land(orders("1 | c | placed | 2031-03-01 10:00:00 | 10.00 | x"), "first.csv")
    second = loader.land(orders("1 | c | paid | 2031-03-01 10:00:00 | 10.00 | x"), "second.csv")
    loader.load_all([first, second], feed)
    loader.rows("update ops.loads set recipe = null where file = 'first.csv'")
    assert [one.status for one in loader.load_all([first, second], feed)] == ["loaded", "known"]
    assert loader.rows("select status from clean.finance__orders") == [("paid",)]


def test_changed_days_hold_the_day_a_row_left_and_the_day_it_came_to(loader: Loader) -> None:
    loader.load(orders("1 | c | placed | 2031-03-01 10:00:00 | 10.00 | 2031-03-01 10:00:00"), FEED)
    loader.rows("delete from ops.changed_days")
    loader.load(orders("1 | d | placed | 2031-03-05 10:00:00 | 10.00 | 2031-03-05 10:00:00"), FEED, file="moved.csv")
    assert [str(row[0]) for row in loader.rows("select day from ops.changed_days order by day")] == [
        "2031-03-01",
        "2031-03-05",
    ]
    assert loader.rows("select key from ops.changed_keys where load_id <> '' order by key") == [("c",), ("c",), ("d",)]


def test_sources_of_other_namespaces_never_replace_each_other(loader: Loader) -> None:
    other = make_feed("finance.orders", ORDERS, source="other", namespace="other")
    loader.load(orders(*many(2)), FEED)
    loader.load(orders(*many(2)), other, file="other.csv")
    assert loader.rows("select count(*) from clean.finance__orders") == [(4,)]


def test_in_one_namespace_the_primary_source_wins(loader: Loader) -> None:
    primary = make_feed("finance.orders", ORDERS, source="ledger", is_primary=True)
    loader.load(orders("1 | c | paid | 2031-03-01 10:00:00 | 10.00 | 2031-03-01 10:00:00"), primary)
    loader.load(orders("1 | c | placed | 2031-03-01 10:00:00 | 11.00 | 2031-03-09 10:00:00"), FEED, file="shop.csv")
    assert loader.rows("select status, _source from clean.finance__orders") == [("paid", "ledger")]


WITHOUT_VERSION = make_feed("finance.orders", {name: sql for name, sql in ORDERS.items() if name != "updated_at"})
VERSIONED = [
    orders(*many(3), "1 | c | placed | 2031-03-01 10:00:00 | 10.00 | 2031-03-01 10:00:00"),
    orders("1 | c | paid | 2031-03-01 10:00:00 | 10.00 | 2031-03-03 10:00:00", *many(1)),
    orders("1 | c | shipped | 2031-03-04 10:00:00 | 10.00 | 2031-03-02 10:00:00", *many(2, 5000)),
]


@pytest.mark.parametrize("feed", [FEED, WITHOUT_VERSION], ids=["with a version", "without"])
def test_deliveries_loaded_together_or_one_by_one_leave_the_same_rows(
    loader: Loader, tmp_path: Path, feed: Feed
) -> None:
    landed = [loader.land(table, f"{number}.csv") for number, table in enumerate(VERSIONED)]
    loader.load_all(landed, feed)
    together = loader.rows("select * from clean.finance__orders order by order_id")
    counted = loader.rows("select file, rows_read, rows_quarantined, rows_duplicate from ops.loads order by file")
    for table in ("ops.loads", "clean.finance__orders"):
        loader.rows(f"delete from {table}")
    for number in range(len(landed)):
        loader.load_all(landed[: number + 1], feed)
    assert loader.rows("select * from clean.finance__orders order by order_id") == together
    assert (
        loader.rows("select file, rows_read, rows_quarantined, rows_duplicate from ops.loads order by file") == counted
    )


def test_one_bad_delivery_among_many_is_refused_alone(loader: Loader) -> None:
    bad = orders(*[f"{n} | c | placed | never | 1.00 | 2031-03-01 10:00:00" for n in range(9)])
    landed = [
        loader.land(orders(*many(3)), "1.csv"),
        loader.land(bad, "2.csv"),
        loader.land(orders(*many(3, 7000)), "3.csv"),
    ]
    assert [one.status for one in loader.load_all(landed, FEED)] == ["loaded", "refused", "loaded"]
    assert loader.rows("select count(*) from clean.finance__orders") == [(6,)]


def test_files_whose_columns_differ_are_loaded_together(loader: Loader) -> None:
    wider = loader.land(
        "\n".join(
            [
                "id | who | state | at | total | changed | extra",
                "9 | c | placed | 2031-03-01 10:00:00 | 10.00 | 2031-03-01 10:00:00 | x",
            ]
        ),
        "2.csv",
    )
    assert [one.status for one in loader.load_all([loader.land(orders(*many(1)), "1.csv"), wider], FEED)] == [
        "loaded",
        "loaded",
    ]
    assert loader.rows("select order_id, _source_file from clean.finance__orders order by order_id") == [
        ("1000", "1.csv"),
        ("9", "2.csv"),
    ]


def test_a_file_that_is_read_in_another_way_counts_once(loader: Loader) -> None:
    feed = make_feed("finance.orders", ORDERS, write="append")
    first = loader.land(orders(*many(3)))
    loader.load_all([first], feed)
    again = replace(loader.land(orders(*many(2)), "again.csv"), sha256=first.sha256)
    assert [one.status for one in loader.load_all([first, again], feed)] == ["loaded"]
    assert loader.rows("select load_id from ops.loads") == [(again.load_id,)]
    assert loader.rows("select _load_id, count(*) from clean.finance__orders group by all") == [(again.load_id, 2)]


def test_a_corrected_file_takes_the_refusal_of_the_broken_one_away(loader: Loader) -> None:
    broken = loader.land("id | who\n1 | c", "orders.csv")
    assert loader.load_all([broken], FEED)[0].status == "refused"
    corrected = loader.land(orders(*many(2)), "orders.csv")
    withdraw_refusals(loader.warehouse, FEED.source, FEED.export, {corrected.load_id}, set())
    assert [one.status for one in loader.load_all([broken, corrected], FEED)] == ["known", "loaded"]
    changed = make_feed("finance.orders", ORDERS | {"country": "'US'"})
    assert [one.status for one in loader.load_all([broken, corrected], changed)] == ["known", "loaded"]
    assert loader.rows("select status from ops.loads order by status") == [("loaded",), ("withdrawn",)]


def test_a_broken_file_that_comes_back_is_refused_again(loader: Loader) -> None:
    broken = loader.land("id | who\n1 | c", "orders.csv")
    loader.load_all([broken], FEED)
    withdraw_refusals(loader.warehouse, FEED.source, FEED.export, set(), set())
    withdraw_refusals(loader.warehouse, FEED.source, FEED.export, {broken.load_id}, set())
    assert [one.status for one in loader.load_all([broken], FEED)] == ["refused"]


SNAPSHOTS = make_feed("finance.orders", ORDERS, write="snapshot")


def standing(loader: Loader) -> list[tuple[object, ...]]:
    return loader.rows("select order_id, status from clean.finance__orders where not _is_deleted order by order_id")


def test_an_empty_snapshot_takes_nothing_away(loader: Loader) -> None:
    loader.load(orders(*many(3)), SNAPSHOTS)
    emptied = loader.load(HEAD, SNAPSHOTS, file="empty.csv")
    assert emptied.status == "refused"
    assert "3 of 3 rows are gone" in str(emptied.reason)
    assert len(standing(loader)) == 3


def test_an_empty_snapshot_empties_the_table_where_the_connector_allows_it(loader: Loader) -> None:
    allowed = make_feed("finance.orders", ORDERS, write="snapshot", max_shrink=1)
    loader.load(orders(*many(3)), allowed)
    assert loader.load(HEAD, allowed, file="empty.csv").status == "loaded"
    assert standing(loader) == []
    assert loader.rows("select rows_read, rows_removed from ops.loads where file = 'empty.csv'") == [(0, 3)]
    assert loader.load(orders(*many(2)), allowed, file="again.csv").status == "loaded"
    assert len(standing(loader)) == 2


def test_a_first_snapshot_may_be_empty(loader: Loader) -> None:
    assert loader.load(HEAD, SNAPSHOTS).status == "loaded"
    assert loader.load(orders(*many(2)), SNAPSHOTS, file="second.csv").status == "loaded"
    assert len(standing(loader)) == 2


KEY_THAT_RETURNS = {
    "unchanged": "1 | c | placed | 2031-03-01 10:00:00 | 10.00 | 2031-03-05 10:00:00",
    "as something newer": "1 | d | paid | 2031-03-07 10:00:00 | 12.00 | 2031-03-07 10:00:00",
    "as something older, restored from a backup": "1 | c | paid | 2031-03-01 10:00:00 | 10.00 | 2031-03-02 10:00:00",
}


@pytest.mark.parametrize("returned", KEY_THAT_RETURNS.values(), ids=KEY_THAT_RETURNS)
def test_a_key_that_is_used_again_after_its_row_vanished_is_there_again(loader: Loader, returned: str) -> None:
    first = KEY_THAT_RETURNS["unchanged"]
    loader.load(orders(first, *many(4)), SNAPSHOTS)
    loader.load(orders(*many(4)), SNAPSHOTS, file="without.csv")
    assert "1" not in {row[0] for row in standing(loader)}
    loader.rows("delete from ops.changed_days")
    loader.load(orders(returned, *many(4)), SNAPSHOTS, file="with.csv")
    assert standing(loader)[0] == ("1", returned.split(" | ")[2])
    assert loader.rows("select count(*) from clean.finance__orders where order_id = '1'") == [(1,)]
    assert loader.rows("select count(*) > 0 from ops.changed_days where is_pending") == [(True,)]


def test_an_older_snapshot_that_comes_late_brings_nothing_back(loader: Loader) -> None:
    older, newer = loader.land(orders(*many(4)), "1.csv"), loader.land(orders(*many(3)), "2.csv")
    loader.load_all([newer], SNAPSHOTS)
    loader.load_all([older, newer], SNAPSHOTS)
    assert [row[0] for row in standing(loader)] == ["1000", "1001", "1002"]


def test_a_file_that_could_not_be_landed_is_a_refused_delivery_until_it_is_gone(loader: Loader) -> None:
    record_refused_file(
        loader.warehouse, "shop", "export", "finance.orders", "shop", "bad.csv", "it is broken", "run", AT, "ab12", 7
    )
    told = "select load_id, file, sha256, bytes, status, reason from ops.loads"
    assert loader.rows(told) == [("file:bad.csv", "bad.csv", "ab12", 7, "refused", "it is broken")]
    withdraw_refusals(loader.warehouse, "shop", "export", set(), {"bad.csv"})
    assert len(loader.rows(told)) == 1
    withdraw_refusals(loader.warehouse, "shop", "export", set(), set())
    assert loader.rows(told) == []


def test_a_business_date_that_is_not_mapped_may_be_corrected(loader: Loader) -> None:
    """A payment that failed has no day on which money was received, whatever time its source wrote."""
    columns = {"payment_id": "id", "status": "state", "attempted_at": "at", "received_at": "got", "amount": "total"}
    feed = make_feed("finance.payments", columns | {"currency": "'USD'"})
    done = loader.load(
        """id | state | at | got | total
        1 | failed | 2031-03-01 10:00:00 | 2031-03-02 10:00:00 | 5
        2 | succeeded | 2031-03-01 10:00:00 | 2031-03-02 10:00:00 | 7""",
        feed,
    )
    assert (done.status, done.reason) == ("loaded", None)
    days = loader.rows("select received_date::varchar from clean.finance__payments order by payment_id")
    assert days == [(None,), ("2031-03-02",)]
    assert loader.rows("select cells, examples from ops.corrections where rule = 'clear:received_date'") == [
        (1, '["2031-03-02 → "]')
    ]
