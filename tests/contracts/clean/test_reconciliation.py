"""Comparisons of two systems: over whole months that both cover, within a tolerance, and never in silence."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from pipeline.clean.cross_system import compare_systems, comparison_mistakes, differences
from pipeline.contracts import Contracts
from pipeline.errors import ConfigurationError, UserError
from pipeline.generate.schemas import model_schema
from pipeline.reconciliation import Comparison, Reconciliation, Tolerance, load_reconciliation
from pipeline.settings import EXPECTATIONS
from pipeline.sources import SourcesFile
from tests.deliveries import Loader

RESULT = (
    "select check_id, left_value, right_value, is_within, detail from ops.reconciliation where kind = '{}' order by 1"
)


def comparison(**said: Any) -> Comparison:
    side = {"value": "sum(amount)", "date": "order_date"}
    paid = {"label": "Money received", "entity": "finance.payments", "value": "sum(amount)", "date": "received_date"}
    return Comparison.model_validate(
        {
            "id": "orders_payments",
            "left": {"label": "Orders", "entity": "finance.orders"} | side,
            "right": paid,
            "reason": "what is ordered is paid",
        }
        | said
    )


def covers(loader: Loader, first: str = "2031-01-01", last: str = "2031-03-31", **others: tuple[str, str]) -> None:
    """Both entities are fed and cover these days, counted to the end of April."""
    loader.rows("delete from ops.source_status")
    loader.rows("delete from ops.company")
    loader.rows("insert into ops.company values ('Acme', 'UTC', 'USD', 1, date '2031-04-30', 3)")
    for entity in ("orders", "payments"):
        days = others.get(entity, (first, last))
        loader.rows(
            f"""insert into ops.source_status by name select 'shop' as source, 'finance.{entity}' as entity,
            date '{days[0]}' as covered_from, date '{days[1]}' as covered_to, 'current' as status"""
        )


def rows(loader: Loader, entity: str, *amounts: tuple[str, float, str]) -> None:
    """Clean rows: day, amount, currency."""
    day = "order_date" if entity == "orders" else "received_date"
    for number, (when, amount, currency) in enumerate(amounts):
        loader.rows(
            f"""insert into clean.finance__{entity} by name select '{number}' as {entity[:-1]}_id, date '{when}' as {day},
            {amount} as amount, '{currency}' as currency, false as _is_deleted"""
        )


def compare(loader: Loader, one: Comparison, **tolerances: Tolerance | None) -> list[tuple[Any, ...]]:
    compare_systems(loader.warehouse, Reconciliation(comparisons=(one,)), tolerances, loader.contracts)
    return loader.rows(RESULT.format("cross_system"))


def test_a_month_that_differs_is_told_with_both_values_though_the_sum_agrees(loader: Loader) -> None:
    covers(loader)
    rows(loader, "orders", ("2031-01-10", 100, "USD"), ("2031-02-10", 100, "USD"), ("2031-03-10", 100, "USD"))
    rows(loader, "payments", ("2031-01-11", 99, "USD"), ("2031-02-11", 80, "USD"), ("2031-03-11", 121, "USD"))
    found = compare(loader, comparison(tolerance={"relative": 0.02}))
    assert found == [("orders_payments", Decimal(300), Decimal(300), False, None)]
    assert [(row[0], row[3]) for row in loader.rows(RESULT.format("cross_system_month"))] == [
        ("orders_payments/2031-01", True),
        ("orders_payments/2031-02", False),
        ("orders_payments/2031-03", False),
    ]
    (told,) = differences(loader.warehouse.connection)
    assert str(told) == (
        "orders_payments: Orders 300.00, Money received 300.00, 0.00 apart, tolerance 6.00;"
        " first in 2031-02: 100.00 and 80.00; what is ordered is paid"
    )


TOLERANCES = {
    "none, and they are equal": ({}, 100.0, True),
    "none": ({}, 99.9999, False),
    "a share, at its edge": ({"relative": 0.05}, 95.0, True),
    "a share, beyond it": ({"relative": 0.05}, 94.9999, False),
    "a share of the greater side": ({"relative": 0.05}, 105.26, True),
    "an amount, at its edge": ({"absolute": 3}, 103.0, True),
    "an amount, beyond it": ({"absolute": 3}, 103.01, False),
    "the wider of both": ({"relative": 0.001, "absolute": 3}, 97.0, True),
}


@pytest.mark.parametrize(("tolerance", "paid", "agrees"), TOLERANCES.values(), ids=TOLERANCES)
def test_the_tolerance_is_the_wider_of_a_share_and_an_amount(
    loader: Loader, tolerance: dict[str, float], paid: float, agrees: bool
) -> None:
    covers(loader)
    rows(loader, "orders", ("2031-01-10", 100, "USD"))
    rows(loader, "payments", ("2031-01-10", paid, "USD"))
    assert compare(loader, comparison(tolerance=tolerance))[0][3] is agrees
    assert compare(loader, comparison(by="all"), orders_payments=Tolerance(**tolerance))[0][3] is agrees


def test_only_whole_months_that_both_cover_count(loader: Loader) -> None:
    covers(loader, payments=("2031-01-15", "2031-03-20"))
    rows(
        loader,
        "orders",
        ("2031-01-10", 1, "USD"),
        ("2031-01-20", 2, "USD"),
        ("2031-02-10", 4, "USD"),
        ("2031-03-10", 8, "USD"),
    )
    rows(loader, "payments", ("2031-02-28", 4, "USD"), ("2031-03-01", 16, "USD"))
    assert compare(loader, comparison()) == [("orders_payments", Decimal(4), Decimal(4), True, None)]
    days = loader.rows("select first_day, last_day from ops.reconciliation where kind = 'cross_system'")
    assert days == [(date(2031, 2, 1), date(2031, 2, 28))]


def test_compared_as_a_whole_every_common_day_counts(loader: Loader) -> None:
    covers(loader, payments=("2031-01-15", "2031-03-20"))
    rows(
        loader,
        "orders",
        ("2031-01-14", 1, "USD"),
        ("2031-01-15", 2, "USD"),
        ("2031-03-20", 4, "USD"),
        ("2031-03-21", 8, "USD"),
    )
    rows(loader, "payments", ("2031-02-10", 6, "USD"))
    assert compare(loader, comparison(by="all")) == [("orders_payments", Decimal(6), Decimal(6), True, None)]
    assert loader.rows(RESULT.format("cross_system_month")) == []


def test_currencies_are_never_added_up(loader: Loader) -> None:
    covers(loader)
    rows(loader, "orders", ("2031-01-10", 100, "USD"), ("2031-01-10", 50, "EUR"))
    rows(loader, "payments", ("2031-01-10", 150, "USD"))
    assert compare(loader, comparison(per="currency")) == [
        ("orders_payments/EUR", Decimal(50), Decimal(0), False, None),
        ("orders_payments/USD", Decimal(100), Decimal(150), False, None),
    ]


def test_a_deleted_row_and_one_the_condition_leaves_out_do_not_count(loader: Loader) -> None:
    covers(loader)
    rows(loader, "orders", ("2031-01-10", 100, "USD"), ("2031-01-11", 7, "USD"), ("2031-01-12", 9, "EUR"))
    loader.rows("update clean.finance__orders set _is_deleted = true where amount = 7")
    rows(loader, "payments", ("2031-01-10", 100, "USD"))
    left = {"label": "Orders", "entity": "finance.orders", "value": "sum(amount)", "date": "order_date"}
    assert compare(loader, comparison(left=left | {"where": "currency = 'USD'"}))[0][1:4] == (100, 100, True)


UNCOMPARED = {
    "no day in common": ({"payments": ("2031-03-01", "2031-03-31"), "orders": ("2031-01-01", "2031-01-31")}, "no_whole_month"),
    "no whole month": ({"payments": ("2031-01-02", "2031-02-27")}, "no_whole_month"),
    "no row on one side": ({}, "no_rows_right"),
}  # fmt: skip


@pytest.mark.parametrize(("days", "why"), UNCOMPARED.values(), ids=UNCOMPARED)
def test_what_cannot_be_compared_says_why(loader: Loader, days: dict[str, Any], why: str) -> None:
    covers(loader, **days)
    rows(loader, "orders", ("2031-01-10", 100, "USD"))
    assert compare(loader, comparison()) == [("orders_payments", None, None, None, why)]
    assert differences(loader.warehouse.connection) == []


def test_a_side_nobody_feeds_is_not_compared(loader: Loader) -> None:
    covers(loader)
    loader.rows(
        "update ops.source_status set status = 'no_source', covered_from = null where entity = 'finance.payments'"
    )
    rows(loader, "orders", ("2031-01-10", 100, "USD"))
    assert compare(loader, comparison()) == []


def test_a_company_may_say_that_it_does_not_compare_two_and_old_results_go(loader: Loader) -> None:
    covers(loader)
    rows(loader, "orders", ("2031-01-10", 100, "USD"))
    rows(loader, "payments", ("2031-01-10", 1, "USD"))
    assert len(compare(loader, comparison())) == 1
    assert compare(loader, comparison(), orders_payments=None) == []


def test_results_of_deliveries_stay(loader: Loader) -> None:
    loader.rows("insert into ops.reconciliation by name select 'a/b/c.d/e/rows' as check_id, 'delivery' as kind")
    covers(loader)
    compare(loader, comparison())
    assert loader.rows("select count(*) from ops.reconciliation where kind = 'delivery'") == [(1,)]


def test_our_file_fits_its_schema() -> None:
    schema = Draft202012Validator(model_schema(Reconciliation, "reconciliation"))
    said = yaml.safe_load((EXPECTATIONS / "reconciliation.yml").read_text())
    assert [error.message for error in schema.iter_errors(said)] == []


def test_the_examples_of_the_documentation_are_right(repository: Path) -> None:
    text = (repository / "docs" / "quarantine.md").read_text(encoding="utf-8")
    comparisons, own = (yaml.safe_load(part.split("```")[0]) for part in text.split("```yaml\n")[1:])
    assert len(Reconciliation.model_validate(comparisons).comparisons) == 1
    company = {"name": "Acme", "time_zone": "UTC", "currency": "USD"}
    said = {"company": company, "headline": ["orders"], "sources": {"shop": {"connector": "shop"}}} | own
    assert SourcesFile.model_validate(said).tolerances == {
        "orders_payments": Tolerance(relative=0.2),
        "orders_won_deals": None,
    }


def test_every_comparison_of_ours_runs(loader: Loader, contracts: Contracts) -> None:
    reconciliation = load_reconciliation(EXPECTATIONS, contracts)
    assert len(reconciliation.comparisons) > 5
    assert comparison_mistakes(loader.warehouse.connection, reconciliation, contracts) == []


def test_sql_that_does_not_run_is_a_clear_mistake(loader: Loader) -> None:
    wrong = comparison(
        left={"label": "Orders", "entity": "finance.orders", "value": "sum(total)", "date": "order_date"}
    )
    (mistake,) = comparison_mistakes(
        loader.warehouse.connection, Reconciliation(comparisons=(wrong,)), loader.contracts
    )
    assert mistake.where == "reconciliation.yml, orders_payments, Orders"
    covers(loader)
    with pytest.raises(UserError, match="this comparison does not run"):
        compare(loader, wrong)


MISTAKES = {
    "no such entity": ("finance.orders", "finance.order", "no such entity"),
    "no such column": ("order_date", "placed_on", "no such column"),
    "an entity without dates": ("entity: finance.orders", "entity: crm.owners", "has no date"),
    "an unknown key": ("reason:", "why:", "this key is not known"),
    "a comparison twice": ("comparisons:", "comparisons:\n  - &a {ONE}\n", "stands twice"),
}
ONE = (
    "{id: one, reason: the same, left: {label: Orders, entity: finance.orders, value: count(*), date: order_date},"
    " right: {label: Payments, entity: finance.payments, value: count(*), date: received_date}}"
)


@pytest.mark.parametrize(("old", "new", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_wrong_file_is_refused(contracts: Contracts, tmp_path: Path, old: str, new: str, told: str) -> None:
    text = f"comparisons:\n  - {ONE}\n"
    (tmp_path / "reconciliation.yml").write_text(text)
    assert len(load_reconciliation(tmp_path, contracts).comparisons) == 1
    spoilt = text.replace(old, new.replace("{ONE}", ONE).replace("&a ", ""))
    (tmp_path / "reconciliation.yml").write_text(spoilt)
    with pytest.raises(ConfigurationError, match=told):
        load_reconciliation(tmp_path, contracts)


SUBSCRIPTIONS = """
    insert into clean.finance__subscriptions by name
    select *, 'recurring' as kind, 'USD' as currency, 'shop' as _namespace, false as _is_deleted, false as is_test from (values
        ('monthly, dearer from March on', date '2031-01-10', null, null, 'month', 1, 10),
        ('monthly, dearer from March on', date '2031-03-10', null, date '2031-04-10', 'month', 1, 20),
        ('after a trial', date '2031-01-20', date '2031-02-03', null, 'month', 1, 100),
        ('by the quarter', date '2030-12-31', null, null, 'month', 3, 1000),
        ('by the year', date '2030-02-05', null, null, 'year', 1, 5000)
    ) as s (subscription_id, effective_date, trial_end_date, ended_date, billing_interval, interval_count, amount)
"""


def test_bills_of_subscriptions_are_due_as_their_intervals_begin(loader: Loader, contracts: Contracts) -> None:
    reconciliation = load_reconciliation(EXPECTATIONS, contracts)
    (bills,) = (one for one in reconciliation.comparisons if one.id == "subscriptions_invoices")
    covers(loader)
    for entity in ("subscriptions", "invoices"):
        loader.rows(
            f"""insert into ops.source_status by name select 'finance.{entity}' as entity, 'current' as status,
            date '2031-01-01' as covered_from, date '2031-04-30' as covered_to"""
        )
    loader.rows(SUBSCRIPTIONS)
    loader.rows(
        """insert into clean.finance__invoices by name select 'i' as invoice_id, 'invoice' as kind, 'open' as status, 's' as subscription_id,
        10 as amount, 'USD' as currency, date '2031-01-10' as issued_date, false as _is_deleted"""
    )
    compare_systems(loader.warehouse, Reconciliation(comparisons=(bills,)), {}, contracts)
    assert loader.rows(
        "select period, left_value from ops.reconciliation where kind = 'cross_system_month' order by 1"
    ) == [
        ("2031-01", Decimal(10)),
        ("2031-02", Decimal(10 + 100 + 5000)),
        ("2031-03", Decimal(20 + 100 + 1000)),
        ("2031-04", Decimal(100)),
    ]
