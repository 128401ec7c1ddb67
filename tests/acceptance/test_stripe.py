"""Stripe's tables as Fivetran writes them and its objects as its API gives them: counts and sums computed apart."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import DATA
from tests.connectors.kit import loaded
from tests.servers.fault_server import FaultServer
from tests.servers.stripe import KEY, serve_lists

STRIPE = DATA / "vendor_shapes" / "stripe"
BY_STATUS = "select status, failure_reason, count(*), sum(amount) from clean.finance__payments group by all"


def test_the_tables_of_fivetran(tmp_path: Path) -> None:
    said = {"suffix": "_data", "order_key": "external_id"}
    with loaded(tmp_path, "stripe_fivetran", STRIPE, parameters=said) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("charge", "finance.payments") == {"clean": 16}
        assert got.rows(BY_STATUS) == [("failed", "card_declined", 16, Decimal("66776.96"))]
        assert got.outcomes("refund", "finance.refunds") == {"clean": 4}
        assert got.one("finance.refunds", "sum(amount)", "count(distinct reason)") == (Decimal("23914.21"), 2)
        # The second of the two is a test
        assert got.outcomes("invoice", "finance.invoices") == {"clean": 1, "not_for_entity": 1}
        assert got.one("finance.invoices", "sum(amount)", "sum(amount_paid)") == (Decimal(10), Decimal(10))


def test_the_objects_of_the_api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", KEY)
    objects = json.loads((STRIPE / "openapi_objects.json").read_text(encoding="utf-8"))
    asked: dict[str, Any] = {"parameters": {"first_day": "2009-02-01"}, "credentials": {"api_key": "STRIPE_API_KEY"}}
    with FaultServer() as server:
        serve_lists(server, {f"{name}s": [one] for name, one in objects.items()})
        with loaded(tmp_path, "stripe_api", f"{server.url}/v1", as_of=date(2009, 2, 28), **asked) as got:
            assert (got.refused(), got.quarantined()) == ([], [])
            # Authorised and not captured: no money yet, and no fee; 1234567890 is a quarter to midnight of 13 February
            assert got.clean(
                "finance.payments", "payment_id", "status", "method", "amount", "fee", "cast(attempted_date as varchar)"
            ) == [("ch_1PgafuB7WZ01zgkWXYmPNZs8", "pending", "card", Decimal(1), None, "2009-02-13")]
            assert got.outcomes("refunds", "finance.refunds") == {"not_for_entity": 1}
            assert got.clean("finance.invoices", "status", "issued_date", "amount", "tax") == [
                ("draft", None, Decimal(10), Decimal(0))
            ]
            # One unit at 20.00, in packs of 1,592,560,163 rounded down, while collection is paused
            assert got.clean("finance.subscriptions", "status", "unit_price", "quantity", "amount") == [
                ("paused", Decimal(20), 1, Decimal(0))
            ]
