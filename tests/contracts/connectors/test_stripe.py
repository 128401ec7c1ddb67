"""Stripe in its shapes: what is money received, what was only authorised, what is a test."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.kit import FIXTURES, Loaded, loaded
from tests.servers.fault_server import FaultServer
from tests.servers.stripe import KEY, serve_lists

TABLES = FIXTURES / "stripe_fivetran"
OBJECTS = FIXTURES / "stripe_api"
DATES = tuple(f"cast({name} as varchar)" for name in ("issued_date", "paid_date", "voided_date"))


def test_the_tables_of_fivetran(tmp_path: Path) -> None:
    with loaded(tmp_path, "stripe_fivetran", TABLES, company={"time_zone": "Asia/Tokyo"}, time_zone="UTC") as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        # Half past eleven in the evening in UTC is the next day in Tokyo
        assert got.clean(
            "finance.payments", "payment_id", "status", "amount", "cast(received_date as varchar)", "is_test"
        ) == [
            ("ch_1", "succeeded", Decimal("19.99"), "2026-01-06", False),
            ("ch_2", "succeeded", Decimal(5000), "2026-01-06", False),
            ("ch_3", "pending", Decimal(7), None, False),
            ("ch_4", "cancelled", Decimal(8), None, False),
            ("ch_5", "failed", Decimal(9), None, False),
            ("ch_6", "succeeded", Decimal(1), "2026-01-08", True),
        ]
        assert got.outcomes("refund", "finance.refunds") == {"clean": 1, "not_for_entity": 2}
        assert got.clean("finance.refunds", "order_id", "amount", "currency") == [("A-2", Decimal(5000), "JPY")]
        assert got.outcomes("invoice", "finance.invoices") == {"clean": 4, "not_for_entity": 2}
        assert got.clean("finance.invoices", "invoice_id", "kind", "status", "subtotal", "tax", "amount") == [
            ("in_1", "invoice", "paid", Decimal(18), Decimal("1.99"), Decimal("19.99")),
            ("in_2", "invoice", "open", Decimal(30), Decimal(0), Decimal(30)),
            ("in_3", "invoice", "draft", Decimal(4), Decimal(0), Decimal(4)),
            ("in_4", "credit_note", "paid", Decimal("2.5"), Decimal(0), Decimal("2.5")),
        ]
        assert got.one("finance.invoices", "count(*) filter (where issued_date is null)") == (1,)


def test_a_state_nobody_knows_is_never_taken_for_money(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    for table in ("charge", "refund", "invoice"):
        text = (TABLES / f"{table}.csv").read_text(encoding="utf-8")
        unknown = text.replace("succeeded", "in_limbo").replace(",open,", ",in_limbo,")
        (tmp_path / "tables" / f"{table}.csv").write_text(unknown, encoding="utf-8")
    with loaded(tmp_path, "stripe_fivetran", tmp_path / "tables") as got:
        assert [re.findall("[0-9]+ of [0-9]+ rows|required:amount", line) for line in got.refused()] == [
            ["1 of 4 rows"],
            ["5 of 6 rows"],
            ["1 of 1 rows", "required:amount"],
        ]
        for entity in ("payments", "refunds", "invoices"):
            assert got.one(f"finance.{entity}", "count(*)") == (0,)


@contextmanager
def lists(
    folder: Path, monkeypatch: pytest.MonkeyPatch, **more: list[dict[str, Any]]
) -> Iterator[tuple[Loaded, FaultServer]]:
    """January as the API gives it: the objects of the fixture, and more of a resource where a test says so."""
    monkeypatch.setenv("STRIPE_API_KEY", KEY)
    objects = {one.stem: json.loads(one.read_text(encoding="utf-8")) for one in OBJECTS.glob("*.json")}
    asked: dict[str, Any] = {"parameters": {"first_day": "2026-01-01"}, "credentials": {"api_key": "STRIPE_API_KEY"}}
    with FaultServer() as server:
        serve_lists(server, {name: [*rows, *more.get(name, [])] for name, rows in objects.items()})
        with loaded(folder, "stripe_api", f"{server.url}/v1", **asked) as got:
            yield got, server


def test_the_lists_of_the_api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with lists(tmp_path, monkeypatch) as (got, _):
        assert (got.refused(), got.quarantined()) == ([], [])
        # The fee of yen is in dollars, and left out; of what was captured in part only that part was received
        assert got.clean(
            "finance.payments", "payment_id", "status", "method", "amount", "fee", "order_id", "is_test"
        ) == [
            ("ch_1", "succeeded", "card", Decimal("19.99"), Decimal("0.88"), "A-1", False),
            ("ch_2", "succeeded", "konbini", Decimal(5000), None, None, False),
            ("ch_3", "succeeded", "direct_debit", Decimal(6), Decimal("0.47"), None, False),
            ("ch_4", "pending", "card", Decimal("19.99"), None, None, False),
            ("ch_5", "cancelled", "card", Decimal("19.99"), None, None, False),
            ("ch_6", "failed", None, Decimal("19.99"), None, None, False),
            ("ch_7", "succeeded", "card", Decimal("19.99"), Decimal("0.88"), None, True),
        ]
        assert got.outcomes("refunds", "finance.refunds") == {"clean": 2, "not_for_entity": 2}
        assert got.clean("finance.refunds", "refund_id", "amount") == [("re_1", Decimal(5)), ("re_2", Decimal(0))]
        assert got.clean(
            "finance.invoices", "invoice_id", "kind", "status", "subtotal", "tax", "subscription_id", *DATES
        ) == [
            ("in_1", "invoice", "paid", Decimal(18), Decimal("1.98"), "sub_1", "2026-01-05", "2026-01-08", None),
            ("in_2", "invoice", "open", Decimal(18), Decimal("1.98"), "sub_1", "2026-01-05", None, None),
            ("in_3", "invoice", "draft", Decimal(18), Decimal("1.98"), None, None, None, None),
            ("in_4", "invoice", "void", Decimal(18), Decimal("1.98"), "sub_1", "2026-01-05", None, "2026-01-10"),
            ("in_5", "credit_note", "paid", Decimal(5), Decimal(0), None, "2026-01-05", "2026-01-05", None),
        ]
        assert got.outcomes("subscriptions", "finance.subscriptions") == {"clean": 5, "not_for_entity": 1}
        assert got.clean(
            "finance.subscriptions", "subscription_id", "kind", "status", "billing_interval", "amount"
        ) == [
            ("sub_1", "recurring", "active", "month", Decimal(60)),
            ("sub_1/si_2", "recurring", "active", "month", Decimal("21.01")),
            ("sub_2", "recurring", "ended", "year", Decimal(120)),
            ("sub_3", "usage", "trialing", "month", Decimal(0)),
            # 25 units in packs of ten are three packs
            ("sub_4", "recurring", "paused", "month", Decimal(30)),
        ]


def test_pages_of_the_api_are_followed_by_the_last_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = json.loads((OBJECTS / "charges.json").read_text(encoding="utf-8"))[0]
    more = [one | {"id": f"ch_more_{number}", "created": 1768000000 + number} for number in range(230)]
    with lists(tmp_path, monkeypatch, charges=more) as (got, server):
        assert got.outcomes("charges", "finance.payments") == {"clean": 237}
        asked = server.queries("/v1/charges")
        assert [query.get("starting_after") for query in asked] == [None, "ch_more_130", "ch_more_30"]
        # January from its first second in UTC to February's, without it
        assert {(query["created[gte]"], query["created[lt]"]) for query in asked} == {("1767225600", "1769904000")}


def test_the_payments_of_the_dashboard(tmp_path: Path) -> None:
    with loaded(tmp_path, "stripe", FIXTURES / "stripe", company={"time_zone": "Asia/Tokyo"}) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        # Its times are in UTC whatever the company's zone is
        assert got.clean(
            "finance.payments", "payment_id", "status", "amount", "fee", "cast(attempted_date as varchar)", "is_test"
        ) == [
            ("ch_1", "succeeded", Decimal(1250), Decimal("36.55"), "2026-01-06", False),
            ("ch_2", "succeeded", Decimal(80), None, "2026-01-06", False),
            ("ch_3", "succeeded", Decimal(5000), None, "2026-01-06", False),
            ("ch_4", "cancelled", Decimal(15), None, "2026-01-07", False),
            ("ch_5", "failed", Decimal(20), None, "2026-01-07", False),
            ("ch_6", "succeeded", Decimal(9), Decimal("0.56"), "2026-01-08", True),
        ]
