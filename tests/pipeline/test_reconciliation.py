"""What two systems of the sample company tell of the same thing: they agree but where it was planted that they do not."""

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ConfigurationError
from pipeline.operate.project import load_project
from pipeline.settings import load_settings
from pipeline.warehouse import read_published
from tests.pipeline.conftest import Company, Done

COMPARED = {
    "ad_spend_expenses/USD", "invoices_payments/USD", "orders_order_lines/USD", "orders_payments/USD", "orders_purchases",
    "orders_won_deals/USD", "sessions_channel_daily", "subscriptions_invoices/USD",
}  # fmt: skip


@pytest.fixture(scope="module")
def unpaid(company: Company) -> dict[str, Any]:
    """The month in which the payment service lost what it received, and how much that was."""
    truth: dict[str, Any] = json.loads((company.folder / "truth.json").read_text())["unpaid_orders"]
    return truth


def published(company: Company, sql: str) -> list[tuple[Any, ...]]:
    connection = read_published(company.published)
    rows = connection.execute(sql).fetchall()
    connection.close()
    return rows


def test_every_comparison_agrees_but_the_one_planted(company: Company) -> None:
    wholes = dict(
        published(company, "select check_id, is_within from ops.ops.reconciliation where kind = 'cross_system'")
    )
    assert wholes == dict.fromkeys(COMPARED, True) | {"orders_payments/USD": False}


def test_the_planted_month_alone_differs_by_what_was_lost(company: Company, unpaid: dict[str, Any]) -> None:
    differing = published(
        company,
        "select check_id, difference from ops.ops.reconciliation where kind = 'cross_system_month' and not is_within",
    )
    assert differing == [(f"orders_payments/USD/{unpaid['month']}", Decimal(unpaid["amount"]))]


def test_the_run_warns_of_it_and_ends_well(first_run: tuple[Company, Done], unpaid: dict[str, Any]) -> None:
    _, done = first_run
    assert done.returncode == 0
    assert "warning ops/reconciliation systems_agree" in done.stdout
    assert f"first in {unpaid['month']}" in done.stdout


def test_the_annex_shows_both_values_and_the_first_month_that_differs(company: Company, unpaid: dict[str, Any]) -> None:
    facts = published(
        company,
        """select field, value, text_value from report.facts where section = 'reconciliation'
        and member = 'orders_payments/USD' and summary_grain = 'month'""",
    )
    found = {field: text if text is not None else value for field, value, text in facts}
    assert found["first_month"] == unpaid["month"]
    assert found["left_value"] - found["right_value"] == pytest.approx(found["difference"])
    assert found["first_left"] - found["first_right"] == pytest.approx(float(unpaid["amount"]))
    assert found["is_within"] == 0


def test_a_tolerance_for_a_comparison_there_is_not_is_refused(company: Company, tmp_path: Path) -> None:
    shutil.copytree(company.folder, tmp_path / "company", ignore=shutil.ignore_patterns("exports"))
    sources = tmp_path / "company" / "sources.yml"
    said = sources.read_text()
    sources.write_text(f"{said}\nreconciliation: {{orders_payments: off, orders_purchases: {{absolute: 5}}}}\n")
    settings = load_settings(sources=sources, data_dir=tmp_path / "data")
    assert set(load_project(settings).configuration.file.tolerances) == {"orders_payments", "orders_purchases"}
    sources.write_text(f"{said}\nreconciliation: {{orders_paid: off}}\n")
    with pytest.raises(ConfigurationError, match="no such comparison"):
        load_project(settings)
