"""Every way a delivered row can end: clean, quarantined, duplicate, superseded, not for this entity."""

import json
from decimal import Decimal

from pipeline.connector import Read
from tests.deliveries import Loader, make_feed

ORDERS = {
    "order_id": "id", "customer_id": "who", "status": "state", "ordered_at": "at", "amount": "total", "currency": "'USD'",
    "updated_at": "changed",
}  # fmt: skip
LINES = {
    "order_line_id": "id",
    "order_id": "ord",
    "quantity": "n",
    "unit_price": "price",
    "amount": "total",
    "currency": "'usd'",
}
HEAD = "id | who | state | at | total | changed"


def orders(*lines: str) -> str:
    return "\n".join([HEAD, *lines])


def many(count: int, first: int = 1000) -> list[str]:
    """Sound orders that keep a bad row below the share that refuses a delivery."""
    return [
        f"{first + number} | c | placed | 2031-03-01 10:00:00 | 10.00 | 2031-03-01 10:00:00" for number in range(count)
    ]


def outcomes(loader: Loader) -> dict[str, int]:
    row = loader.rows(
        """select rows_read, rows_clean, rows_quarantined, rows_duplicate, rows_superseded, rows_not_for_entity
        from ops.loads where status = 'loaded' order by loaded_at desc, load_id limit 1"""
    )[0]
    return dict(zip(("read", "clean", "quarantined", "duplicate", "superseded", "not_for_entity"), row, strict=True))


def quarantine(loader: Loader) -> list[tuple[object, ...]]:
    return loader.rows("select rule, source_row from quarantine.rows order by source_row")


def test_a_value_that_will_not_cast_goes_to_quarantine_with_its_raw_row(loader: Loader) -> None:
    bad = "1 | c | placed | 2031-02-30 10:00:00 | 5.00 | 2031-03-01 10:00:00"
    loader.load(orders(bad, *many(200)), make_feed("finance.orders", ORDERS))
    assert outcomes(loader) == {
        "read": 201,
        "clean": 200,
        "quarantined": 1,
        "duplicate": 0,
        "superseded": 0,
        "not_for_entity": 0,
    }
    rule, raw = loader.rows("select rule, raw from quarantine.rows")[0]
    assert rule == "cast:ordered_at"
    assert json.loads(raw)["at"] == "2031-02-30 10:00:00"


def test_a_missing_required_value_goes_to_quarantine(loader: Loader) -> None:
    loader.load(
        orders("1 | c | placed | 2031-03-01 10:00:00 |  | 2031-03-01 10:00:00", *many(200)),
        make_feed("finance.orders", ORDERS),
    )
    assert quarantine(loader) == [("required:amount", 1)]


def test_exact_copies_count_as_duplicates(loader: Loader) -> None:
    loader.load(orders(*many(3), *many(2)), make_feed("finance.orders", ORDERS))
    assert outcomes(loader)["clean"] == 3
    assert outcomes(loader)["duplicate"] == 2


def test_the_newest_version_of_a_key_wins(loader: Loader) -> None:
    old = "1 | c | placed | 2031-03-01 10:00:00 | 10.00 | 2031-03-01 10:00:00"
    new = "1 | c | paid | 2031-03-01 10:00:00 | 10.00 | 2031-03-02 10:00:00"
    loader.load(orders(new, old), make_feed("finance.orders", ORDERS))
    assert outcomes(loader)["superseded"] == 1
    assert loader.rows("select status from clean.finance__orders") == [("paid",)]


def test_rows_of_one_key_without_a_version_are_all_quarantined(loader: Loader) -> None:
    columns = {name: sql for name, sql in ORDERS.items() if name != "updated_at"}
    rivals = [f"1 | {who} | placed | 2031-03-01 10:00:00 | 10.00 | x" for who in "ab"]
    loader.load(orders(*rivals, *many(300)), make_feed("finance.orders", columns))
    assert quarantine(loader) == [("key:conflict", 1), ("key:conflict", 2)]
    assert loader.rows("select count(*) from clean.finance__orders where order_id = '1'") == [(0,)]


def test_rows_for_another_entity_are_counted_as_such(loader: Loader) -> None:
    feed = make_feed("finance.orders", ORDERS, where="state <> 'draft'")
    loader.load(orders("1 | c | draft | 2031-03-01 10:00:00 | 10.00 | 2031-03-01 10:00:00", *many(2)), feed)
    assert outcomes(loader)["not_for_entity"] == 1


def test_a_later_delivery_replaces_by_key_and_an_older_version_does_not(loader: Loader) -> None:
    feed = make_feed("finance.orders", ORDERS)
    loader.load(orders("1 | c | paid | 2031-03-01 10:00:00 | 10.00 | 2031-03-02 10:00:00"), feed)
    loader.load(orders("1 | c | shipped | 2031-03-01 10:00:00 | 10.00 | 2031-03-03 10:00:00"), feed, file="later.csv")
    loader.load(orders("1 | c | placed | 2031-03-01 10:00:00 | 10.00 | 2031-03-01 10:00:00"), feed, file="stale.csv")
    assert loader.rows("select status from clean.finance__orders") == [("shipped",)]
    assert loader.rows("select file, rows_replaced, rows_superseded from ops.loads order by file") == [
        ("export.csv", 0, 0), ("later.csv", 1, 0), ("stale.csv", 0, 1),
    ]  # fmt: skip


def test_an_appending_export_never_changes_what_it_delivered(loader: Loader) -> None:
    feed = make_feed(
        "finance.orders", {name: sql for name, sql in ORDERS.items() if name != "updated_at"}, write="append"
    )
    loader.load(orders(*many(2)), feed)
    changed = "1000 | c | paid | 2031-03-01 10:00:00 | 10.00 | x"
    loader.load(orders(changed, *many(1, 1001), *many(200, 2000)), feed, file="later.csv")
    assert loader.rows("select rule, file from quarantine.rows") == [("key:already_delivered", "later.csv")]
    assert loader.rows("select rows_duplicate from ops.loads where file = 'later.csv'") == [(1,)]


def test_a_snapshot_marks_vanished_rows_and_forgives_their_return(loader: Loader) -> None:
    feed = make_feed("finance.orders", ORDERS, write="snapshot")
    loader.load(orders(*many(4)), feed)
    loader.load(orders(*many(3)), feed, file="second.csv")
    assert loader.rows("select order_id from clean.finance__orders where _is_deleted") == [("1003",)]
    loader.load(orders(*many(4)), feed, file="third.csv")
    assert loader.rows("select count(*) from clean.finance__orders where _is_deleted") == [(0,)]


def test_an_unchanged_row_of_a_snapshot_stays(loader: Loader) -> None:
    feed = make_feed("finance.orders", ORDERS, write="snapshot")
    loader.load(orders(*many(2)), feed)
    loader.load(orders(*many(2), *many(1, 3000)), feed, file="second.csv")
    assert loader.rows("select count(*), count(*) filter (where _is_deleted) from clean.finance__orders") == [(3, 0)]


def test_corrections_are_counted_with_examples(loader: Loader) -> None:
    loader.load(
        orders("1 | c | PLACED | 2031-03-01 10:00:00 | 10.00001 | 2031-03-01 10:00:00"),
        make_feed("finance.orders", ORDERS),
    )
    assert loader.rows("select rule, cells, examples from ops.corrections order by rule") == [
        ("case:status", 1, '["PLACED → placed"]'),
        ("round:amount", 1, '["10.00001 → 10.0000"]'),
    ]


def test_a_derived_value_is_flagged_and_kept_out_of_the_money_delivered(loader: Loader) -> None:
    loader.load(
        "id | ord | n | price | total\n1 | 9 | 3 | 2.50 |\n2 | 9 | 1 | 4.00 | 4.00",
        make_feed("finance.order_lines", LINES),
    )
    assert loader.rows("select order_line_id, amount, _filled from clean.finance__order_lines order by 1") == [
        ("1", Decimal("7.5000"), "amount"),
        ("2", Decimal("4.0000"), None),
    ]
    sums = loader.rows(
        "select left_value, right_value, is_within from ops.reconciliation where check_id like '%/amount'"
    )
    assert sums == [(Decimal("4.0000"), Decimal("4.0000"), True)]


def test_every_outcome_together_adds_up_in_rows_and_money(loader: Loader) -> None:
    feed = make_feed("finance.orders", ORDERS, where="state <> 'draft'")
    lines = [
        "1 | c | placed | 2031-03-01 10:00:00 | 7.25 | 2031-03-01 10:00:00",
        "1 | c | paid | 2031-03-01 10:00:00 | 7.50 | 2031-03-02 10:00:00",
        "2 | c | draft | 2031-03-01 10:00:00 | 100.00 | 2031-03-01 10:00:00",
        "3 | c | placed | never | 3.00 | 2031-03-01 10:00:00",
        *many(300),
        *many(1),
    ]
    loader.load(orders(*lines), feed)
    assert outcomes(loader) == {
        "read": 305,
        "clean": 301,
        "quarantined": 1,
        "duplicate": 1,
        "superseded": 1,
        "not_for_entity": 1,
    }
    sums = json.loads(loader.rows("select control_sums from ops.loads")[0][0])["amount"]
    parts = {name: Decimal(value) for name, value in sums.items()}
    assert parts.pop("read") == sum(parts.values()) == Decimal("3127.75")


def test_null_spellings_of_the_connector_mean_nothing(loader: Loader) -> None:
    feed = make_feed("finance.orders", ORDERS, read=Read(null=("NULL", "n/a")))
    loader.load(orders("1 | NULL | placed | 2031-03-01 10:00:00 | 5.00 | n/a"), feed)
    assert loader.rows("select customer_id, updated_at from clean.finance__orders") == [(None, None)]


def test_lines_that_could_not_be_read_are_quarantined_and_counted(loader: Loader) -> None:
    feed = make_feed("finance.orders", ORDERS)
    loader.load(orders(*many(200)), feed, rejected=[(201, "1;broken", "too few columns")])
    assert outcomes(loader)["read"] == 201
    assert quarantine(loader) == [("unreadable", 201)]


def test_personal_columns_are_pseudonymized_and_never_shown(loader: Loader) -> None:
    feed = make_feed("crm.owners", {"owner_id": "id", "name": "name", "email": "mail", "team": "team"})
    loader.load("id | name | mail | team\n1 | Somebody | Some@Example.com | A\n2 | Else | some@example.com | A", feed)
    kept = loader.rows("select distinct email from clean.crm__owners")
    assert len(kept) == 1
    assert "@" not in kept[0][0]
    assert loader.rows("select count(*) from ops.corrections where examples like '%Somebody%'") == [(0,)]
