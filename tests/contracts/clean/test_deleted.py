"""Rows that say that their key is gone: counted by themselves, what stood is marked deleted, and a newer row brings it back."""

import pytest

from pipeline.connector import Connector
from tests.contracts.clean.test_outcomes import ORDERS
from tests.deliveries import Loader, make_feed

FEED = make_feed("finance.orders", ORDERS, deleted="gone = '1'")
HEAD = "id | who | state | at | total | changed | gone"
# What an export leaves of a deleted record
TOMBSTONE = "1 | | | | | 2031-03-02 10:00:00 | 1"
STANDS = "select order_id, status, _is_deleted from clean.finance__orders order by all"
DAYS = "select day::varchar from ops.changed_days where load_id = (select load_id from ops.loads where file = '{}')"


def order(number: int, changed: int, *, gone: int = 0, state: str = "placed", day: int = 1) -> str:
    return (
        f"{number} | c{number} | {state} | 2031-03-{day:02} 10:00:00 | 10.00 | 2031-03-{changed:02} 10:00:00 | {gone}"
    )


def table(*lines: str) -> str:
    return "\n".join([HEAD, *lines])


def counted(loader: Loader, file: str) -> dict[str, int]:
    names = ("read", "clean", "quarantined", "duplicate", "superseded", "deleted", "replaced", "removed")
    row = loader.rows(f"select {', '.join(f'rows_{one}' for one in names)} from ops.loads where file = '{file}'")[0]
    return {name: count for name, count in zip(names, row, strict=True) if count}


def test_a_key_that_is_gone_is_deleted_and_comes_back_with_a_newer_row(loader: Loader) -> None:
    loader.load(table(order(1, 1), order(2, 1)), FEED, file="1.csv")
    loader.load(table(TOMBSTONE, order(3, 1)), FEED, file="2.csv")
    assert counted(loader, "2.csv") == {"read": 2, "clean": 1, "deleted": 1, "removed": 1}
    assert loader.rows(STANDS) == [("1", None, True), ("2", "placed", False), ("3", "placed", False)]
    assert loader.rows(DAYS.format("2.csv")) == [("2031-03-01",)]
    assert loader.rows("select key from ops.changed_keys where key = 'c1'") == [("c1",)] * 2
    loader.load(table(order(1, 3, state="paid", day=4)), FEED, file="3.csv")
    assert loader.rows(STANDS)[0] == ("1", "paid", False)
    assert counted(loader, "3.csv") == {"read": 1, "clean": 1, "replaced": 1}
    assert loader.rows(DAYS.format("3.csv")) == [("2031-03-04",)]


def test_an_older_row_does_not_bring_it_back_however_late_it_comes(loader: Loader) -> None:
    first, gone = loader.land(table(order(1, 1)), "1.csv"), loader.land(table(TOMBSTONE), "2.csv")
    loader.load_all([gone], FEED)
    loader.load_all([first, gone], FEED)
    assert loader.rows(STANDS) == [("1", None, True)]
    assert (counted(loader, "1.csv"), counted(loader, "2.csv")) == (
        {"read": 1, "superseded": 1},
        {"read": 1, "deleted": 1},
    )


def test_a_deletion_said_again_is_a_copy(loader: Loader) -> None:
    loader.load(table(TOMBSTONE), FEED, file="1.csv")
    loader.load(table(TOMBSTONE, order(2, 1)), FEED, file="2.csv")
    assert counted(loader, "2.csv") == {"read": 2, "clean": 1, "duplicate": 1}


def test_a_deletion_without_a_key_or_a_version_where_there_are_versions_is_quarantined(loader: Loader) -> None:
    lenient = {"finance.orders": loader.contracts["finance.orders"].model_copy(update={"max_quarantined": 1.0})}
    loader.contracts = lenient
    loader.load(table(order(1, 1), "1 | | | | | | 1", " | | | | | 2031-03-02 10:00:00 | 1"), FEED)
    assert loader.rows("select rule, source_row from quarantine.rows order by 2") == [
        ("required:updated_at", 2), ("required:order_id", 3),
    ]  # fmt: skip
    assert loader.rows(STANDS) == [("1", "placed", False)]


def test_of_what_is_gone_no_personal_value_is_kept(loader: Loader) -> None:
    feed = make_feed("crm.owners", {"owner_id": "id", "name": "name", "email": "mail"}, deleted="gone = '1'")
    loader.load("id | name | mail | gone\n1 | Somebody | some@example.com | 1\n2 | Else | else@example.com | 0", feed)
    found = loader.rows("select owner_id, name is null, email is null, _is_deleted from clean.crm__owners order by 1")
    assert found == [("1", True, True, True), ("2", False, False, False)]


def test_a_flag_in_a_snapshot_deletes_and_is_no_shrinking(loader: Loader) -> None:
    feed = FEED.model_copy(update={"write": "snapshot"})
    loader.load(table(*(order(number, 1) for number in range(4))), feed, file="1.csv")
    loader.load(table(*(order(number, 2, gone=1) for number in range(3)), order(3, 1)), feed, file="2.csv")
    assert counted(loader, "2.csv") == {"read": 4, "duplicate": 1, "deleted": 3, "removed": 3}
    loader.load(table(*(order(number, 1) for number in range(4))), feed, file="3.csv")
    assert loader.rows("select count(*) from clean.finance__orders where _is_deleted") == [(0,)]


def test_money_of_what_is_gone_adds_up(loader: Loader) -> None:
    loader.load(table(order(1, 1, gone=1), order(2, 1)), FEED)
    sums = "select left_value, right_value, is_within from ops.reconciliation where check_id like '%/amount'"
    assert [(float(left), float(right), within) for left, right, within in loader.rows(sums)] == [(20.0, 20.0, True)]


def test_an_export_that_appends_deletes_nothing() -> None:
    said = {"files": "*", "write": "append", "entities": {"a.b": {"deleted": "x", "columns": {"a": "a"}}}}
    with pytest.raises(ValueError, match="an export that only appends deletes nothing"):
        Connector.model_validate({"exports": {"one": said}})
