"""Declared corrections of values: what each kind does, that it is counted and flagged, and that money still adds up."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.contracts import Contract, Contracts
from pipeline.warehouse import open_warehouse
from tests.deliveries import Loader, make_feed

COLUMNS = {
    "bill_id": "id",
    "status": "state",
    "issued": "issued",
    "due": "due",
    "paid_at": "paid",
    "amount": "total",
    "parts": "parts",
}
HEAD = "id | state | issued | due | paid | total | parts"
REASON = "so it is known to be"
NOTHING = "2031-03-01 | 2031-03-31 | 2031-03-10 12:00 | 10.00 | 10.00"


def contract(*corrections: dict[str, Any]) -> Contracts:
    types = {
        "status": "text",
        "issued": "date",
        "due": "date",
        "paid_at": "timestamp",
        "amount": "money",
        "parts": "number",
    }
    columns: dict[str, dict[str, Any]] = {
        name: {"type": type_, "description": "A column."} for name, type_ in types.items()
    }
    columns["bill_id"] = {"type": "text", "required": True, "description": "The key."}
    columns["paid_date"] = {"type": "date", "business_date_of": "paid_at", "description": "A business date."}
    said = {"entity": "books.bills", "row": "One row per bill.", "key": ["bill_id"], "columns": columns}
    one = Contract.model_validate(said | {"corrections": [{"reason": REASON} | one for one in corrections]})
    return {one.entity: one}


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Any]:
    """Loads one bill under a contract with these corrections; gives the loader to look into."""
    opened = []

    def loaded(bill: str, *corrections: dict[str, Any]) -> Loader:
        contracts = contract(*corrections)
        warehouse = open_warehouse(tmp_path / "warehouse.duckdb", contracts)
        opened.append(warehouse)
        loader = Loader(warehouse, contracts, tmp_path / "landed")
        outcome = loader.load(f"{HEAD}\n1 | {bill}", make_feed("books.bills", COLUMNS))
        assert outcome.status == "loaded", outcome.reason
        return loader

    yield loaded
    for warehouse in opened:
        warehouse.close()


def bill(loader: Loader, *names: str) -> tuple[Any, ...]:
    shown = ", ".join(f"cast({name} as varchar)" for name in names)
    return loader.rows(f"select {shown} from clean.books__bills")[0]


def corrections(loader: Loader) -> list[tuple[Any, ...]]:
    return loader.rows("select rule, column_name, cells, examples from ops.corrections order by rule, column_name")


def test_a_value_in_a_wrong_unit_is_scaled_flagged_and_counted(load: Any) -> None:
    loader = load(
        "open | 2031-03-01 | 2031-03-31 | | 1000.00 | 10",
        {"column": "amount", "scale": 0.01, "when": "amount = 100 * parts"},
    )
    assert bill(loader, "amount", "_filled") == ("10.0000", "amount")
    assert corrections(loader) == [("scale:amount", "amount", 1, '["1000.0000 → 10.0000"]')]
    # Money is compared as it was delivered
    compared = "select left_value, right_value, is_within from ops.reconciliation where check_id like '%/amount'"
    assert loader.rows(compared) == [(1000, 1000, True)]


def test_two_values_the_wrong_way_round_are_swapped_and_both_counted(load: Any) -> None:
    loader = load(
        "open | 2031-03-31 | 2031-03-01 | | 10 | 10", {"column": "issued", "swap": "due", "when": "due < issued"}
    )
    assert bill(loader, "issued", "due", "_filled") == ("2031-03-01", "2031-03-31", None)
    assert corrections(loader) == [
        ("swap:issued", "due", 1, '["2031-03-01 → 2031-03-31"]'),
        ("swap:issued", "issued", 1, '["2031-03-31 → 2031-03-01"]'),
    ]


def test_an_impossible_value_becomes_a_gap_and_the_gap_is_filled(load: Any) -> None:
    loader = load(
        "open | 1900-01-01 | 2031-03-31 | | 10 | 10",
        {"column": "issued", "clear": "issued < date '1990-01-01'"},
        {"column": "issued", "derive": "due - 30"},
    )
    assert bill(loader, "issued", "_filled") == ("2031-03-01", "issued")
    assert corrections(loader) == [
        ("clear:issued", "issued", 1, '["1900-01-01 → "]'),
        ("derive:issued", "issued", 1, '[" → 2031-03-01"]'),
    ]


def test_a_date_that_stands_for_none_may_be_cleared_before_it_is_judged(load: Any) -> None:
    loader = load("open | 2031-03-01 | 9999-12-31 | | 10 | 10", {"column": "due", "clear": "due > date '2099-12-31'"})
    assert bill(loader, "due", "_filled") == (None, None)


def test_a_business_date_follows_its_timestamp(load: Any) -> None:
    loader = load(
        "open | 2031-03-01 | 2031-03-31 | 1970-01-01 12:00 | 10 | 10",
        {"column": "paid_at", "clear": "paid_date < date '1990-01-01'"},
    )
    assert bill(loader, "paid_at", "paid_date") == (None, None)
    filled = load("late | 2031-03-01 | 2031-03-31 | | 10 | 10", {"column": "paid_at", "fill": "2031-04-02 01:00:00"})
    assert bill(filled, "paid_date", "_filled") == ("2031-04-01", "paid_at,paid_date")


def test_the_kinds_are_applied_in_their_order_whatever_the_contract_lists_first(load: Any) -> None:
    loader = load(
        "OPEN | 2031-03-31 | 1900-01-01 | | 1000 | 10",
        {"column": "due", "fill": "2031-05-01"},
        {"column": "due", "derive": "issued + 30"},
        {"column": "due", "clear": "due < date '1990-01-01'"},
        {"column": "amount", "scale": 0.01, "when": "status = 'open'"},
        {"column": "status", "case": "lower"},
    )
    assert bill(loader, "status", "amount", "due", "_filled") == ("open", "10.0000", "2031-04-30", "amount,due")
    assert [rule for rule, *_ in corrections(loader)] == ["case:status", "clear:due", "derive:due", "scale:amount"]


def test_what_cannot_be_applied_changes_and_counts_nothing(load: Any) -> None:
    loader = load(
        "open | 2031-03-01 | 2031-03-31 | | 10 | 10",
        {"column": "amount", "scale": 1e14, "when": "true", "reason": "beyond what the column holds"},
        {"column": "amount", "scale": 10, "when": "cast(status as integer) = 1", "reason": "the condition fails"},
        {"column": "amount", "scale": 10, "when": "null", "reason": "the condition is unknown"},
        {"column": "paid_at", "clear": "true", "reason": "there is nothing to clear"},
        {"column": "paid_at", "derive": "cast(status as timestamp)", "reason": "nothing can be derived"},
    )
    assert bill(loader, "amount", "paid_at", "_filled") == ("10.0000", None, None)
    assert corrections(loader) == []


def test_a_key_that_is_cleared_is_missing(tmp_path: Path) -> None:
    contracts = contract({"column": "bill_id", "clear": "bill_id = 'none'"})
    warehouse = open_warehouse(tmp_path / "warehouse.duckdb", contracts)
    rows = "\n".join(f"{number} | open | {NOTHING}" for number in range(200))
    loader = Loader(warehouse, contracts, tmp_path / "landed")
    loader.load(f"{HEAD}\n{rows}\nnone | open | {NOTHING}", make_feed("books.bills", COLUMNS))
    assert loader.rows("select rule from quarantine.rows") == [("required:bill_id",)]
    warehouse.close()
