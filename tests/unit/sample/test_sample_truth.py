"""truth.json against the files: an independent loader and hand-written SQL must find what it promises."""

from decimal import Decimal

import pytest

from tests.unit.sample.conftest import Loaded

# KPI → (table, date column, what is counted or added up)
ADDITIVE = {
    "sessions": ("analytics__sessions", "session_date", "count(*)"),
    "active_users": ("analytics__sessions", "session_date", "count(distinct coalesce(user_id, visitor_id))"),
    "orders": ("valid_orders", "order_date", "count(*)"),
    "gross_revenue": ("valid_orders", "order_date", "sum(amount)"),
    "refund_amount": ("finance__refunds", "refund_date", "sum(amount)"),
    "opportunities_won": ("won", "close_date", "count(*)"),
    "won_amount": ("won", "close_date", "sum(amount)"),
}
RATIOS = {
    "session_conversion_rate": (
        "select count(*) from analytics__sessions semi join valid_orders using (session_id)",
        "select count(*) from analytics__sessions",
    ),
    "refund_rate_orders": (
        "select count(distinct order_id) from finance__refunds",
        "select count(*) from valid_orders",
    ),
    "refund_rate_items": (
        (
            "select sum(coalesce(r.quantity, o.units)) from finance__refunds as r left join"
            " (select order_id, sum(quantity) as units from finance__order_lines group by order_id) as o"
            " using (order_id)"
        ),
        "select sum(quantity) from finance__order_lines semi join valid_orders using (order_id)",
    ),
    "days_to_refund": (
        "select sum(refund_date - order_date) from finance__refunds inner join finance__orders using (order_id)",
        "select count(*) from finance__refunds",
    ),
    "win_rate_closed": ("select count(*) from won", "select count(*) from crm__opportunities where status <> 'open'"),
    "win_rate_created": ("select count(*) from won", "select count(*) from crm__opportunities"),
    "sales_cycle_days": ("select sum(close_date - created_date) from won", "select count(*) from won"),
}


def test_every_delivery_holds_what_truth_says(loaded: Loaded) -> None:
    found = {
        key: [counts[name] for name in ("read", "clean", "quarantined", "duplicate", "superseded", "replaced")]
        for key, counts in loaded.counts.items()
    }
    promised = {
        (one["file"], one["entity"]): [
            one[f"rows_{name}"] for name in ("read", "clean", "quarantined", "duplicate", "superseded", "replaced")
        ]
        for one in loaded.truth["deliveries"]
    }
    assert found == promised
    for counts in loaded.truth["entities"].values():
        assert counts["rows_replaced_later"] == counts["rows_replaced"]


@pytest.mark.parametrize("kpi_id", ADDITIVE)
def test_counts_and_sums_are_in_the_files(loaded: Loaded, kpi_id: str) -> None:
    table, day, measure = ADDITIVE[kpi_id]
    kpi = loaded.truth["kpis"][kpi_id]
    months = dict(loaded.rows(f"select strftime({day}, '%Y-%m'), {measure} from {table} group by all"))
    assert {month: Decimal(cell["numerator"]) for month, cell in kpi["months"].items()} == {
        month: Decimal(months.get(month, 0)) for month in kpi["months"]
    }
    assert Decimal(kpi["all"]["numerator"]) == loaded.rows(f"select {measure} from {table}")[0][0]


@pytest.mark.parametrize("kpi_id", RATIOS)
def test_ratios_are_in_the_files(loaded: Loaded, kpi_id: str) -> None:
    promised = loaded.truth["kpis"][kpi_id]["all"]
    found = [loaded.rows(sql)[0][0] for sql in RATIOS[kpi_id]]
    assert [Decimal(promised["numerator"]), Decimal(promised["denominator"])] == [Decimal(int(one)) for one in found]


def test_gross_profit_takes_back_the_cost_of_what_went_back_on_the_shelf(loaded: Loaded) -> None:
    found = loaded.rows("""
        select (select sum(amount) from valid_orders) - (select sum(amount) from finance__refunds)
            - (select sum(coalesce(cost, quantity * unit_cost)) from finance__order_lines
                semi join valid_orders using (order_id) inner join finance__products using (product_id))
            + (select sum(r.quantity * unit_cost) from finance__refunds as r
                inner join finance__order_lines using (order_line_id) inner join finance__products using (product_id)
                where is_restocked)
    """)
    assert Decimal(loaded.truth["kpis"]["gross_profit"]["all"]["numerator"]) == found[0][0]


def test_new_customers_and_users_are_counted_once(loaded: Loaded) -> None:
    customers = loaded.rows("select count(distinct customer_id) from valid_orders")[0][0]
    users = loaded.rows("select count(distinct coalesce(user_id, visitor_id)) from analytics__sessions")[0][0]
    for kpi_id, found in (("new_customers", customers), ("new_users", users)):
        kpi = loaded.truth["kpis"][kpi_id]
        assert (
            sum(Decimal(cell["numerator"]) for cell in kpi["months"].values())
            == Decimal(kpi["all"]["numerator"])
            == found
        )


def test_the_open_pipeline_is_what_was_not_closed_by_the_end_of_the_month(loaded: Loaded) -> None:
    for month, cell in loaded.truth["kpis"]["open_pipeline_amount"]["months"].items():
        found = loaded.rows(f"""
            select sum(amount), count(amount) from crm__opportunities where created_date <= last_day(date '{month}-01')
            and (close_date is null or close_date > last_day(date '{month}-01'))
        """)
        assert (Decimal(cell["numerator"]), Decimal(cell["denominator"])) == found[0]


def test_the_action_that_worked_is_seen_on_its_channel_alone(loaded: Loaded) -> None:
    action = loaded.truth["actions"][0]
    treated, control = (action["observed"][action[name]] for name in ("member", "control_member"))
    rise = treated["after"]["mean_chance"] - treated["before"]["mean_chance"]
    drift = control["after"]["mean_chance"] - control["before"]["mean_chance"]
    assert rise - drift == pytest.approx(action["planted_effect"], abs=0.003)
    seen = [treated[when]["buying_sessions"] / treated[when]["sessions"] for when in ("before", "after")]
    assert seen[1] - seen[0] > action["planted_effect"] / 2
