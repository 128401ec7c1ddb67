"""The dbt project as a whole: one `dbt build` with its unit tests on the small warehouse, and what it made of it."""

import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.pipeline.dbt_seed import cover, create_tables, insert, seed_small, set_company

PROJECT = Path(__file__).parents[2] / "dbt_project"
KPI_IDS = sorted(path.stem.removeprefix("kpi_") for path in (PROJECT / "models/marts/kpis").glob("kpi_*.sql"))
TABLES = {"values", "scorecard", "catalog"}

# what `seed_small` plants on purpose: an event and an order whose session is unknown, a deal whose owner is
EXPECTED_WARNINGS = {
    "relationships_fct_events_session_id__session_id__ref_fct_sessions_",
    "relationships_fct_orders_session_id__session_id__ref_fct_sessions_",
    "relationships_fct_opportunities_owner_id__owner_id__ref_dim_owners_",
}


def dbt(database: Path, *arguments: str, parsed: Path | None = None) -> Any:
    """Run dbt in this process on `database` and release the file again; `parsed` is the target of an earlier run."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    folder = database.parent
    manifest = Manifest.from_msgpack((parsed / "partial_parse.msgpack").read_bytes()) if parsed else None
    if manifest:
        manifest.build_flat_graph()  # the KPIs' meta, which kpi_catalog reads; dbt builds it only when it parses
    os.environ["OPS_SUMMARY_DBT_DATABASE"] = str(database)
    paths = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(folder / "target")]
    try:
        return dbtRunner(manifest).invoke(["--quiet", "--log-path", str(folder), *arguments, *paths])
    finally:
        del os.environ["OPS_SUMMARY_DBT_DATABASE"]
        if DuckDBConnectionManager._ENV is not None:
            DuckDBConnectionManager._ENV.close()
            DuckDBConnectionManager._ENV = None


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dbt") / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        seed_small(connection)
    return path


@pytest.fixture(scope="module")
def statuses(database: Path) -> dict[str, str]:
    """The status of every model, data test and unit test of one `dbt build` from nothing."""
    outcome = dbt(database, "build", "--full-refresh")
    assert outcome.exception is None
    built = [result for result in outcome.result.results if result.node.resource_type != "exposure"]
    return {result.node.name: str(result.status) for result in built}


@pytest.fixture(scope="module")
def warehouse(database: Path, statuses: dict[str, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def models(database: Path, statuses: dict[str, str]) -> list[dict[str, Any]]:
    manifest = json.loads((database.parent / "target" / "manifest.json").read_text(encoding="utf-8"))
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def test_everything_is_built_and_every_test_passes(statuses: dict[str, str]) -> None:
    warnings = {name for name, status in statuses.items() if status == "warn"}
    wrong = {name: status for name, status in statuses.items() if status not in {"success", "pass", "warn"}}
    assert (wrong, warnings) == ({}, EXPECTED_WARNINGS)


ALL = {
    "sessions": (3, None, 3.0),
    "active_users": (2, None, 2.0),
    "new_users": (2, None, 2.0),
    "session_conversion_rate": (2, 3, 2 / 3),
    "orders": (3, None, 3.0),
    "new_customers": (2, None, 2.0),
    "gross_revenue": (240, None, 240.0),
    "refund_amount": (70, None, 70.0),
    "net_revenue": (170, None, 170.0),
    "refund_rate_orders": (1, 3, 1 / 3),
    "refund_rate_items": (4, 6, 4 / 6),
    "refund_rate_amount": (70, 240, 70 / 240),
    "days_to_refund": (40, 2, 20.0),
    "average_order_value": (240, 3, 80.0),
    "gross_profit": (95, None, 95.0),
    "gross_margin": (95, 170, 95 / 170),
    "opportunities_won": (1, None, 1.0),
    "won_amount": (100, None, 100.0),
    "win_rate_closed": (1, 2, 0.5),
    "win_rate_created": (1, 5, 0.2),
    "sales_cycle_days": (10, 1, 10.0),
    "sales_cycle_days_closed": (14, 2, 7.0),
    "average_deal_size": (100, 1, 100.0),
    "open_pipeline_amount": (300, 1, 300.0),
    "sessions_per_user": (3, 2, 1.5),
    "user_growth_rate": (2, 0, None),
    "returning_customer_rate": (1, 2, 0.5),
}


def test_every_kpi_in_grain_all(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute(
        "select kpi_id, numerator, denominator, value from kpis.kpi_values where grain = 'all' and dimension = 'all'"
    ).fetchall()
    assert {kpi_id: (numerator, denominator, value) for kpi_id, numerator, denominator, value in rows} == ALL


@pytest.mark.parametrize(
    ("kpi_id", "dimension", "expected"),
    [
        ("gross_revenue", "product", {"Bear": 150.0, "Lamp": 85.0, "unknown": 5.0}),
        ("net_revenue", "product", {"Bear": 100.0, "Lamp": 85.0, "unknown": -15.0}),
        ("orders", "channel", {"email": 1.0, "direct": 1.0, "unknown": 1.0}),
        ("new_customers", "channel", {"email": 1.0, "unknown": 1.0}),
        ("orders", "channel+device", {"email+mobile": 1.0, "direct+mobile": 1.0, "unknown+unknown": 1.0}),
        ("win_rate_created", "owner", {"Owner 1": 1 / 3, "crm:2": 0.0, "crm:9": 0.0}),
        ("open_pipeline_amount", "product", {"Pro": 300.0, "unknown": None}),
    ],
)
def test_members_in_grain_all(
    warehouse: duckdb.DuckDBPyConnection, kpi_id: str, dimension: str, expected: dict[str, float | None]
) -> None:
    rows = warehouse.execute(
        "select member, value from kpis.kpi_values where kpi_id = ? and grain = 'all' and dimension = ?",
        [kpi_id, dimension],
    ).fetchall()
    assert dict(rows) == expected


def test_total_rows_have_no_gaps_and_end_at_as_of(warehouse: duckdb.DuckDBPyConnection) -> None:
    days = warehouse.execute(
        "select count(*), min(period), max(period), sum(numerator) from kpis.kpi_values "
        "where kpi_id = 'orders' and grain = 'day' and dimension = 'all'"
    ).fetchone()
    assert days == (51, "2031-03-01", "2031-04-20", 3)


SCORES = {
    # the newest of two targets; February is not covered, so there is nothing to compare with
    ("orders", "2031-03"): (1.6, None, 1.25, True, None, True, "current"),
    # running: compared with the first twenty days of March
    ("orders", "2031-04"): (3.0, None, None, None, 1.0, False, "current"),
    # the sum of three months, beside a benchmark that was set; no earlier quarter is wholly covered
    ("orders", "2031-Q2"): (11.0, 12.0, None, None, None, False, "current"),
    ("refund_rate_orders", "2031-03"): (0.4, None, 0.75, False, None, True, "current"),
    ("won_amount", "2031-03"): (None, None, None, None, None, True, "stale"),
}


@pytest.mark.parametrize(("kpi_id", "period"), SCORES)
def test_scorecard(warehouse: duckdb.DuckDBPyConnection, kpi_id: str, period: str) -> None:
    row = warehouse.execute(
        "select target, benchmark, attainment, is_met, previous_value, is_complete, source_status "
        "from kpis.kpi_scorecard where kpi_id = ? and period = ? and dimension = 'all'",
        [kpi_id, period],
    ).fetchone()
    assert row == SCORES[kpi_id, period]


def test_catalog_lists_every_kpi_with_its_lineage(warehouse: duckdb.DuckDBPyConnection) -> None:
    sources = dict(warehouse.execute("select kpi_id, sources from kpis.kpi_catalog").fetchall())
    assert sorted(sources) == sorted(set(KPI_IDS) - TABLES)
    assert sources["sessions"] == "analytics.sessions"
    assert sources["won_amount"] == "crm.accounts,crm.opportunities,crm.owners,finance.fx_rates"


def test_every_model_says_what_one_row_is(models: list[dict[str, Any]]) -> None:
    silent = [node["name"] for node in models if not node["description"].startswith("One row per ")]
    mute = [
        f"{node['name']}.{column['name']}"
        for node in models
        for column in node["columns"].values()
        if not column["description"]
    ]
    assert (silent, mute) == ([], [])


def test_every_mart_and_kpi_has_an_enforced_contract(models: list[dict[str, Any]]) -> None:
    open_ended = [n["name"] for n in models if n["schema"] in {"marts", "kpis"} and not n["contract"]["enforced"]]
    assert open_ended == []


def test_every_kpi_has_a_unit_test(statuses: dict[str, str], database: Path) -> None:
    manifest = json.loads((database.parent / "target" / "manifest.json").read_text(encoding="utf-8"))
    tested = {unit_test["model"] for unit_test in manifest["unit_tests"].values()}
    assert {f"kpi_{kpi_id}" for kpi_id in set(KPI_IDS) - TABLES} <= tested


# orders alone are loaded, in two currencies; a line without a cost; a calendar quarter where quarters are fiscal
ORDERS_ALONE = {
    "finance.orders": """
        order_id  status  order_date  amount  currency
        1         paid    2031-03-03  130     USD
        2         paid    2031-03-03  900     EUR
    """,
    "finance.order_lines": """
        order_line_id  order_id  quantity  amount  cost  currency
        1              1         1         100     40    USD
        2              1         1         30      -     USD
    """,
    "planning.targets": """
        kpi_id  period     dimension  member  target
        orders  2031-Q1    all        all     5
        orders  FY2031-Q3  all        all     5
    """,
}


def test_an_entity_without_a_load_leaves_no_rows_and_stays_in_the_catalog(
    database: Path, statuses: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        create_tables(connection)
        set_company(connection, date(2031, 4, 20), fiscal_year_start=7)
        cover(connection, "finance.orders", "2031-03-01", "2031-04-30")
        for entity, table in ORDERS_ALONE.items():
            insert(connection, entity, table, "shop")
    outcome = dbt(path, "build", "--exclude-resource-type", "unit_test", parsed=database.parent / "target")
    warned = {result.node.name for result in outcome.result.results if result.status == "warn"}
    with duckdb.connect(str(path), read_only=True) as connection:
        totals = "from kpis.kpi_values where dimension = 'all'"
        measured = connection.execute(f"select distinct kpi_id {totals} order by 1").fetchall()
        revenue = connection.execute(
            f"select period, value {totals} and kpi_id = 'gross_revenue' and grain in ('quarter', 'year') order by 1"
        ).fetchall()
        listed = connection.execute("select count(*) from kpis.kpi_catalog").fetchone()
        periods = connection.execute("""
            select period, period_start, period_end, previous_period_start, year_ago_period_start from marts.dim_periods
            where period in ('FY2031', 'FY2031-Q3', '2031-W01', '2032-W53') order by period
        """).fetchall()  # fmt: skip
    assert [kpi_id for (kpi_id,) in measured] == [
        "average_order_value", "customer_churn_rate", "customer_retention_rate", "gross_revenue", "new_customers",
        "orders", "repeat_purchase_rate", "returning_customer_rate",
    ]  # fmt: skip
    assert listed == (64,)
    assert revenue == [("FY2031", 130.0), ("FY2031-Q3", 130.0), ("FY2031-Q4", 0.0)]
    assert warned == {
        "assert_money_has_a_rate",
        "assert_order_lines_have_a_cost",
        "assert_targets_have_a_period",
    }
    assert periods == [
        ("2031-W01", date(2030, 12, 30), date(2031, 1, 5), date(2030, 12, 23), date(2029, 12, 31)),
        ("2032-W53", date(2032, 12, 27), date(2033, 1, 2), date(2032, 12, 20), None),
        ("FY2031", date(2030, 7, 1), date(2031, 6, 30), date(2029, 7, 1), date(2029, 7, 1)),
        ("FY2031-Q3", date(2031, 1, 1), date(2031, 3, 31), date(2030, 10, 1), date(2030, 1, 1)),
    ]
