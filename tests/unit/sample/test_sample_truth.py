"""truth.json against the files: an independent loader and hand-written SQL must find what it promises."""

from decimal import Decimal
from typing import Any

import pytest
import yaml

from pipeline.settings import DBT_PROJECT
from tests.unit.sample.conftest import Loaded, Made

# KPI → (table, date column, what is counted or added up)
ADDITIVE = {
    "sessions": ("analytics__sessions", "session_date", "count(*)"),
    "active_users": ("analytics__sessions", "session_date", "count(distinct coalesce(user_id, visitor_id))"),
    "orders": ("valid_orders", "order_date", "count(*)"),
    "gross_revenue": ("valid_orders", "order_date", "sum(amount)"),
    "refund_amount": ("finance__refunds", "refund_date", "sum(amount)"),
    "opportunities_won": ("won", "close_date", "count(*)"),
    "won_amount": ("won", "close_date", "sum(amount)"),
    "new_leads": ("crm__leads", "created_date", "count(*)"),
    "payments_received": ("succeeded", "received_date", "sum(amount)"),
    "ticket_volume": ("feedback__tickets", "created_date", "count(*)"),
    "reach": ("social__posts", "published_date", "sum(reach)"),
    "impressions": ("social__posts", "published_date", "sum(impressions)"),
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
    "lead_to_customer_rate": (
        "select count(*) from crm__leads semi join won using (opportunity_id)",
        "select count(*) from crm__leads",
    ),
    "csat": (
        "select count(*) from feedback__responses where kind <> 'nps' and score >= 4",
        "select count(*) from feedback__responses where kind <> 'nps'",
    ),
    "nps": (
        "select count(*) filter (where score >= 9) - count(*) filter (where score <= 6) from feedback__responses where kind = 'nps'",
        "select count(*) from feedback__responses where kind = 'nps'",
    ),
    "social_engagement_rate": (
        "select sum(reactions + comments + shares) from social__posts",
        "select sum(reach) from social__posts",
    ),
    "average_engagement_time": (
        "select sum(engaged_seconds) from analytics__sessions",
        "select count(distinct coalesce(user_id, visitor_id)) from analytics__sessions",
    ),
    "returning_customer_rate": (
        "select count(*) from (select customer_id from valid_orders where customer_id is not null group by all having count(*) > 1)",
        "select count(distinct customer_id) from valid_orders",
    ),
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
    promised = _numerators(loaded, kpi_id, "month")
    months = dict(loaded.rows(f"select strftime({day}, '%Y-%m'), {measure} from {table} group by all"))
    assert promised == {month: Decimal(months.get(month, 0)) for month in promised}
    assert _numerators(loaded, kpi_id, "all")["all"] == loaded.rows(f"select {measure} from {table}")[0][0]


@pytest.mark.parametrize("kpi_id", RATIOS)
def test_ratios_are_in_the_files(loaded: Loaded, kpi_id: str) -> None:
    promised = _totals(loaded, kpi_id, "all")["all"]
    found = [loaded.rows(sql)[0][0] for sql in RATIOS[kpi_id]]
    assert [Decimal(side) for side in promised[:2]] == [Decimal(int(one)) for one in found]


def test_gross_profit_takes_back_the_cost_of_what_went_back_on_the_shelf(loaded: Loaded) -> None:
    found = loaded.rows("""
        select (select sum(amount) from valid_orders) - (select sum(amount) from finance__refunds)
            - (select sum(coalesce(cost, quantity * unit_cost)) from finance__order_lines
                semi join valid_orders using (order_id) inner join finance__products using (product_id))
            + (select sum(r.quantity * unit_cost) from finance__refunds as r
                inner join finance__order_lines using (order_line_id) inner join finance__products using (product_id)
                where is_restocked)
    """)
    assert _numerators(loaded, "gross_profit", "all")["all"] == found[0][0]


def test_new_customers_and_users_are_counted_once(loaded: Loaded) -> None:
    customers = loaded.rows("select count(distinct customer_id) from valid_orders")[0][0]
    users = loaded.rows("select count(distinct coalesce(user_id, visitor_id)) from analytics__sessions")[0][0]
    for kpi_id, found in (("new_customers", customers), ("new_users", users)):
        assert sum(_numerators(loaded, kpi_id, "month").values()) == _numerators(loaded, kpi_id, "all")["all"] == found


def test_the_open_pipeline_is_what_was_not_closed_by_the_end_of_the_month(loaded: Loaded) -> None:
    for month, cell in _totals(loaded, "open_pipeline_amount", "month").items():
        found = loaded.rows(f"""
            select sum(amount), count(amount) from crm__opportunities where created_date <= last_day(date '{month}-01')
            and (close_date is null or close_date > last_day(date '{month}-01'))
        """)
        assert (Decimal(cell[0]), Decimal(cell[1])) == found[0]


def test_the_action_that_worked_is_seen_on_its_channel_alone(loaded: Loaded) -> None:
    action = loaded.truth["actions"][0]
    treated, control = (action["observed"][action[name]] for name in ("member", "control_member"))
    rise = treated["after"]["mean_chance"] - treated["before"]["mean_chance"]
    drift = control["after"]["mean_chance"] - control["before"]["mean_chance"]
    assert rise - drift == pytest.approx(action["planted_effect"], abs=0.003)
    seen = [treated[when]["buying_sessions"] / treated[when]["sessions"] for when in ("before", "after")]
    assert seen[1] - seen[0] > action["planted_effect"] / 2


def test_expenses_are_reckoned_at_the_rate_of_their_day_or_the_weekday_before(loaded: Loaded) -> None:
    found = loaded.rows("""
        with booked as (
            select expense_date, currency, amount from finance__expenses where is_operating
        )
        select sum(if(currency = 'USD', amount, round(amount * rate, 4))), count(*) filter (where currency <> 'USD')
        from booked asof left join finance__fx_rates as rates
        on rates.base_currency = booked.currency and rates.rate_date <= booked.expense_date
    """)[0]
    assert found[1] >= 3
    assert found[0] == pytest.approx(float(_numerators(loaded, "expenses", "all")["all"]), abs=0.001)


def test_every_kpi_of_the_catalogue_is_told_with_its_grains_and_dimensions(default: Made) -> None:
    catalogue = {
        meta["kpi_id"]: meta for meta in map(_meta, (DBT_PROJECT / "models/marts/kpis").glob("kpi_*.yml")) if meta
    }
    kpis = default.truth["kpis"]
    assert kpis.keys() == catalogue.keys()
    for kpi_id, grains in kpis.items():
        dimensions = {dimension for divided in grains.values() for dimension in divided} - {"all"}
        assert grains.keys() <= set(catalogue[kpi_id]["grains"]), kpi_id
        assert dimensions <= set(catalogue[kpi_id]["dimensions"]), kpi_id


def test_every_kpi_has_something_to_tell(default: Made) -> None:
    silent = {
        kpi_id
        for kpi_id, grains in default.truth["kpis"].items()
        if not any(cell[2] for divided in grains.values() for cell in divided.get("all", {}).get("all", {}).values())
    }
    assert silent == set()


def _meta(path: Any) -> dict[str, Any] | None:
    """What the catalogue says of a KPI; None of a file that defines none."""
    meta: dict[str, Any] = yaml.safe_load(path.read_text())["models"][0].get("config", {}).get("meta", {})
    return meta if "kpi_id" in meta else None


def _totals(loaded: Loaded, kpi_id: str, grain: str) -> dict[str, list[Any]]:
    """Period → [numerator, denominator, value] of a KPI's total."""
    cells: dict[str, list[Any]] = loaded.truth["kpis"][kpi_id][grain]["all"]["all"]
    return cells


def _numerators(loaded: Loaded, kpi_id: str, grain: str) -> dict[str, Decimal]:
    return {period: Decimal(cell[0]) for period, cell in _totals(loaded, kpi_id, grain).items()}
