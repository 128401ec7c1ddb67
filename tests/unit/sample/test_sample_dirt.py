"""What is planted: every kind somewhere, below what the contracts allow, and told in truth.json."""

import csv
import re

import pytest

from pipeline.contracts import Contracts
from pipeline.sample.kinds import BROKEN_LINE, KINDS
from tests.unit.sample.conftest import Loaded, Made


def test_every_kind_is_planted(default: Made) -> None:
    planted = {(one["export"], one["kind"]) for one in default.truth["planted"] if one["ids"]}
    wanted = {(export, kind.name) for export, kinds in KINDS.items() for kind in kinds}
    assert (wanted | {("order_lines", BROKEN_LINE.name)}) - planted == set()


def test_no_delivery_holds_so_many_bad_rows_that_it_would_be_refused(default: Made, contracts: Contracts) -> None:
    shares = {
        (one["file"], contracts[one["entity"]].max_quarantined): one["rows_quarantined"] / one["rows_read"]
        for one in default.truth["deliveries"]
    }
    assert max(shares.values()) > 0
    assert [file for (file, allowed), share in shares.items() if share > 0.95 * allowed] == []


@pytest.mark.parametrize(
    ("export", "folder", "key", "amount"),
    [
        ("orders", "finance", "Order No", "Total"),
        ("refunds", "finance", "Refund ID", "Refund total"),
        ("opportunities", "crm", "Opportunity ID", "Amount"),
        ("payments", "finance", "Payment", "Amount"),
    ],
)
def test_the_money_of_bad_rows_is_below_one_percent_too(
    default: Made, export: str, folder: str, key: str, amount: str
) -> None:
    spoiled: dict[str, set[str]] = {}
    for one in default.truth["planted"]:
        if one["export"] == export and one["outcome"] == "quarantined":
            spoiled.setdefault(one["file"], set()).update(one["ids"])
    shares = []
    for file, ids in spoiled.items():
        with (default.directory / "exports" / folder / f"{file}.csv").open(encoding="utf-8-sig", newline="") as rows:
            money = {row[key]: _money(row[amount]) for row in csv.DictReader(rows)}
        shares.append(sum(money.get(one, 0) for one in ids) / sum(money.values()))
    assert 0 < max(shares) < 0.01


def test_critical_kinds_are_told_and_leave_the_exit_code_alone(default: Made) -> None:
    critical = {(one["export"], one["kind"]) for one in default.truth["planted"] if one["is_critical"]}
    assert {("orders", "negative_amount"), ("opportunities", "unknown_stage"), ("sessions", "nobody")} <= critical
    assert not {("orders", "text_in_number"), ("notes", "mixed_case")} & critical
    assert default.truth["expected_exit_code"] == 0


def test_planted_ids_are_in_the_file_they_are_said_to_be_in(loaded: Loaded) -> None:
    late = next(one for one in loaded.truth["planted"] if one["kind"] == "late")
    text = (loaded.directory / "exports" / "finance" / f"{late['file']}.csv").read_text()
    assert late["ids"]
    assert all(order_id in text for order_id in late["ids"])
    month = late["file"].removeprefix("orders_")
    ids = ", ".join(map(repr, late["ids"]))
    assert loaded.rows(
        f"select count(*) from finance__orders where order_id in ({ids}) and strftime(order_date, '%Y-%m') < '{month}'"
    ) == [(len(late["ids"]),)]


def test_orders_name_sessions_analytics_has_but_for_the_planted_ones(loaded: Loaded) -> None:
    told = sorted(
        key for one in loaded.truth["planted"] if one["kind"] == "session_not_in_analytics" for key in one["ids"]
    )
    lost = {
        key
        for one in loaded.truth["planted"]
        if one["export"] == "orders" and one["outcome"] == "quarantined"
        for key in one["ids"]
    }
    found = loaded.rows("""
        select order_id from finance__orders anti join analytics__sessions using (session_id)
        where session_id is not null order by all
    """)
    assert told
    assert [row[0] for row in found] == [key for key in told if key not in lost]


def _money(cell: str) -> float:
    """The size of an amount as it is written; 0 for text."""
    return abs(float(cell.replace(",", ""))) if re.fullmatch("-?[0-9,.]+", cell) else 0
