"""One company in all systems: what one export says of a customer, order or deal, the others say too."""

import re

from tests.unit.sample.conftest import Loaded


def test_lines_add_up_to_their_order(loaded: Loaded) -> None:
    assert (
        loaded.rows(
            """
        select order_id from finance__orders inner join finance__order_lines as lines using (order_id)
        where order_id not in (select order_id from lost_lines)
        group by order_id, finance__orders.amount having sum(lines.amount) <> finance__orders.amount
    """.replace("(select order_id from lost_lines)", _lost_lines(loaded))
        )
        == []
    )


def test_every_line_and_refund_has_its_order_and_product(loaded: Loaded) -> None:
    assert loaded.rows("select 1 from finance__order_lines anti join finance__orders using (order_id)") == []
    assert loaded.rows("select 1 from finance__order_lines anti join finance__products using (product_id)") == []
    assert loaded.rows("select 1 from finance__refunds anti join finance__orders using (order_id)") == []
    assert (
        loaded.rows(
            "select 1 from finance__refunds where order_line_id is not null and order_line_id not in"
            " (select order_line_id from finance__order_lines)"
        )
        == []
    )


def test_nothing_is_refunded_that_was_not_paid_or_before_it_was_bought(loaded: Loaded) -> None:
    assert (
        loaded.rows("""
        select order_id from finance__orders inner join finance__refunds as refunds using (order_id)
        group by order_id, finance__orders.amount, order_date
        having sum(refunds.amount) > finance__orders.amount or min(refund_date) <= order_date
    """)
        == []
    )


def test_a_won_deal_is_an_order_of_its_account_on_that_day(loaded: Loaded) -> None:
    missing = loaded.rows("""
        select opportunity_id from crm__opportunities as deals
        where status = 'won' and account_id is not null and not exists (
            select 1 from finance__orders as orders where orders.amount = deals.amount and order_date = close_date
            and customer_id = account_id)
    """)
    assert missing == []


def test_every_order_from_a_visit_has_its_purchase_event(loaded: Loaded) -> None:
    assert (
        loaded.rows("""
        select session_id from finance__orders semi join analytics__sessions using (session_id)
        anti join (select session_id from analytics__events where event_name = 'purchase') as bought using (session_id)
    """)
        == []
    )


def test_business_days_are_not_utc_days(loaded: Loaded) -> None:
    cut = loaded.rows(
        "select count(*), count(*) filter (where started_at::date <> session_date) from analytics__sessions"
    )[0]
    assert 0.02 < cut[1] / cut[0] < 0.3


def test_channels_convert_differently(loaded: Loaded) -> None:
    rates = dict(
        loaded.rows("""
        select coalesce(channel, 'unknown'), avg((orders.order_id is not null)::integer)
        from analytics__sessions left join finance__orders as orders using (session_id) group by all
    """)
    )
    assert set(rates) == {"direct", "organic_search", "paid_search", "paid_social", "email", "referral", "unknown"}
    assert rates["paid_social"] < rates["organic_search"] < rates["email"]


def test_larger_customers_take_longer_to_win(loaded: Loaded) -> None:
    days = dict(
        loaded.rows("""
        select segment, median(close_date - crm__opportunities.created_date)
        from crm__opportunities inner join crm__accounts using (account_id)
        where close_date is not null group by all
    """)
    )
    assert days["small business"] < days["mid-market"] < days["enterprise"]


def test_planning_speaks_of_what_there_is(loaded: Loaded) -> None:
    assert {row[0] for row in loaded.rows("select distinct status from planning__actions")} == {
        "proposed",
        "accepted",
        "running",
        "done",
        "dropped",
    }
    assert len(loaded.rows("select distinct kind from planning__notes")) == 8
    assert {row[0] for row in loaded.rows("select distinct dimension from planning__targets")} == {
        "all",
        "channel",
        "team",
    }
    assert len(loaded.rows("select 1 from planning__notes where text like '%' || chr(10) || '%'")) == 1


def test_nobody_real_is_written_to(loaded: Loaded) -> None:
    addresses = re.findall(r"[\w.]+@([\w.]+)", (loaded.directory / "exports/crm/users.csv").read_text())
    assert addresses
    assert set(addresses) == {"example.com"}


def _lost_lines(sample: Loaded) -> str:
    ids = [
        key
        for one in sample.truth["planted"]
        if one["export"] == "order_lines" and one["outcome"] == "quarantined"
        for key in one["ids"]
    ]
    return "(" + ", ".join(repr(key.rsplit("-", 1)[0]) for key in [*ids, "none-0"]) + ")"
