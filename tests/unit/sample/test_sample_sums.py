"""Counts and sums that truth.json promises of every entity, against what a loader of our own finds in the files."""

from decimal import Decimal

import pytest

from tests.unit.sample.conftest import Loaded
from tests.unit.sample.sums import SUMS, query


@pytest.mark.parametrize(("entity", "measure"), SUMS)
def test_sums_are_in_the_files(loaded: Loaded, entity: str, measure: str) -> None:
    promised = loaded.truth["sums"][entity][measure]
    found = dict(loaded.rows(query(entity, measure)))
    months = {month: found.get(month) or 0 for month in promised["months"]}
    assert months == {month: Decimal(total) for month, total in promised["months"].items()}
    assert found["all"] == Decimal(promised["all"]) > 0


def test_every_sum_is_looked_for(loaded: Loaded) -> None:
    assert {(entity, measure) for entity, said in loaded.truth["sums"].items() for measure in said} == set(SUMS)


def test_one_month_is_not_wholly_paid_and_every_other_is(loaded: Loaded) -> None:
    lost = loaded.truth["unpaid_orders"]
    months = loaded.rows("""
        select month, ordered, paid from (
            select strftime(order_date, '%Y-%m') as month, sum(amount) as ordered from valid_orders group by all
        ) inner join (
            select strftime(received_date, '%Y-%m') as month, sum(amount) as paid from finance__payments
            where status = 'succeeded' and invoice_id is null group by all
        ) using (month)
    """)
    gaps = {month: abs(ordered - paid) / ordered for month, ordered, paid in months}
    assert {month for month, gap in gaps.items() if gap > 0.03} == {lost["month"]}
    assert Decimal(lost["amount"]) > 0


def test_leads_become_the_deals_they_name(loaded: Loaded) -> None:
    missing = loaded.rows("""
        select lead_id from crm__leads where opportunity_id is not null
        and opportunity_id not in (select opportunity_id from crm__opportunities)
    """)
    planted = {
        key
        for one in loaded.truth["planted"]
        if one["export"] == "opportunities" and one["outcome"] == "quarantined"
        for key in one["ids"]
    }
    assert len(missing) <= len(planted)
    rates = dict(loaded.rows("select channel, avg((opportunity_id is not null)::integer) from crm__leads group by all"))
    assert rates["referral"] > rates["paid_search"]


def test_what_is_billed_runs_and_what_is_paid_was_billed(loaded: Loaded) -> None:
    assert (
        loaded.rows("""
        select invoice_id from finance__invoices as bills anti join finance__subscriptions as running
        on running.subscription_id = bills.subscription_id and effective_date <= issued_date and running.amount = bills.subtotal
        where status <> 'draft' and kind = 'invoice' and exists (
            select 1 from finance__subscriptions as known where known.subscription_id = bills.subscription_id)
    """)
        == []
    )
    assert loaded.rows("select 1 from finance__payments where received_date < attempted_date") == []
    assert (
        loaded.rows("select 1 from feedback__tickets where solved_at < created_at or first_replied_at > solved_at")
        == []
    )


def test_subscribers_have_ordered_before(loaded: Loaded) -> None:
    assert (
        loaded.rows("""
        select subscription_id from finance__subscriptions as subs where not exists (
            select 1 from finance__orders as orders where orders.customer_id = subs.customer_id and order_date < started_date)
    """)
        == []
    )


def test_ads_cost_what_the_ledger_booked(loaded: Loaded) -> None:
    ((spent, booked),) = loaded.rows("""
        select (select sum(cost) from marketing__spend_daily), (select sum(amount) from finance__expenses where is_ad_platform)
    """)
    assert abs(spent - booked) <= booked * Decimal("0.01")
