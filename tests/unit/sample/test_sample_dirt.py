"""What is planted: every kind somewhere, below what the contracts allow, and told in truth.json."""

import csv

import pytest

from pipeline.sample.kinds import BROKEN_LINE, KINDS
from tests.unit.sample.conftest import Loaded

TOO_FEW_ROWS = {"owners", "accounts", "products", "actions", "notes", "targets", "refunds", "opportunities"}


def test_every_kind_is_planted_where_there_are_rows_enough(usual: Loaded, hard: Loaded) -> None:
    planted = {(one["export"], one["kind"]) for sample in (usual, hard) for one in sample.truth["planted"]}
    wanted = {(name, kind.name) for name, kinds in KINDS.items() if name not in TOO_FEW_ROWS for kind in kinds}
    assert wanted | {("order_lines", BROKEN_LINE.name)} <= planted


def test_planted_ids_are_in_the_file_they_are_said_to_be_in(usual: Loaded) -> None:
    late = next(one for one in usual.truth["planted"] if one["kind"] == "late")
    text = (usual.directory / "exports" / "finance" / f"{late['file']}.csv").read_text()
    assert late["ids"]
    assert all(order_id in text for order_id in late["ids"])
    month = late["file"].removeprefix("orders_")
    ids = ", ".join(map(repr, late["ids"]))
    assert usual.rows(
        f"select count(*) from finance__orders where order_id in ({ids}) and strftime(order_date, '%Y-%m') < '{month}'"
    ) == [(len(late["ids"]),)]


@pytest.mark.parametrize("sample", ["usual", "hard"])
def test_no_delivery_comes_near_what_would_refuse_it(sample: str, request: pytest.FixtureRequest) -> None:
    for one in request.getfixturevalue(sample).truth["deliveries"]:
        if not one["entity"].startswith("planning."):
            assert one["rows_quarantined"] <= 0.008 * one["rows_read"], one


def test_quarantined_money_is_below_one_percent_too(hard: Loaded) -> None:
    shares = []
    for one in hard.truth["planted"]:
        if one["export"] == "orders" and one["outcome"] == "quarantined":
            text = (hard.directory / "exports" / "finance" / f"{one['file']}.csv").read_text()
            totals = {row["Order No"]: row["Total"] for row in csv.DictReader(text.splitlines())}
            money = {key: abs(float(total)) for key, total in totals.items() if total != "see note"}
            shares.append(sum(money.get(key, 0) for key in one["ids"]) / sum(money.values()))
    assert shares
    assert 0 < max(shares) < 0.01


def test_orders_name_sessions_analytics_has_but_for_the_planted_ones(usual: Loaded) -> None:
    told = sorted(
        key for one in usual.truth["planted"] if one["kind"] == "session_not_in_analytics" for key in one["ids"]
    )
    lost = {
        key
        for one in usual.truth["planted"]
        if one["export"] == "orders" and one["outcome"] == "quarantined"
        for key in one["ids"]
    }
    found = usual.rows("""
        select order_id from finance__orders anti join analytics__sessions using (session_id)
        where session_id is not null order by all
    """)
    assert told
    assert [row[0] for row in found] == [key for key in told if key not in lost]
