"""A KPI pair in the user's own folder needs nothing else: catalogue, scorecard and summary show it by themselves."""

from collections.abc import Iterator

import duckdb
import pytest

from pipeline.warehouse import memory_database
from tests.pipeline.conftest import Company


@pytest.fixture
def tables(company: Company) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = memory_database()
    connection.execute(f"attach '{company.published}' as summary (read_only)")
    connection.execute("use summary")
    yield connection
    connection.close()


def test_the_catalogue_has_it_with_the_entities_it_rests_on(tables: duckdb.DuckDBPyConnection) -> None:
    found = tables.execute(
        "select name_en, kind, definition_version, sources from kpis.kpi_catalog where kpi_id = 'large_orders'"
    ).fetchall()
    assert [row[:3] for row in found] == [("Orders of 100 and more", "additive", 1)]
    assert "finance.orders" in found[0][3]


def test_the_scorecard_has_its_months_and_they_are_right(tables: duckdb.DuckDBPyConnection) -> None:
    months = dict(
        tables.execute(
            "select period, value from kpis.kpi_scorecard"
            " where kpi_id = 'large_orders' and grain = 'month' and dimension = 'all'"
        ).fetchall()
    )
    counted = dict(
        tables.execute(
            "select strftime(order_date, '%Y-%m'), count(*)::double from marts.fct_orders"
            " where is_counted and company_amount >= 100 group by 1"
        ).fetchall()
    )
    assert sum(counted.values()) > 10
    assert {month: value for month, value in months.items() if value} == counted


def test_the_summary_names_it(company: Company) -> None:
    (path,) = company.data.glob("reports/*/*/*/en/summary.html")
    summary = path.read_text()
    assert "Orders of 100 and more" in summary
    assert "orders of an amount of 100 or more" in summary
