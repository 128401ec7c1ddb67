"""Every cell of every KPI equals the one plain Python computes from the same clean tables.

Three companies: the sample after a whole run; one thrown with dice that has every odd case; and the same one
where most of its systems deliver nothing.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipeline.model import dbt
from pipeline.settings import DBT_PROJECT
from tests.pipeline.conftest import Company as Sample
from tests.pipeline.reference.cells import Cell, Cells
from tests.pipeline.reference.cohorts import retention_cohorts
from tests.pipeline.reference.comparison import differences, read_catalog, read_cells, read_cohorts
from tests.pipeline.reference.kpis import REFERENCE
from tests.pipeline.reference.random_company import Company, seed_random
from tests.pipeline.reference.world import read_world

ODD = Company(seed=7, currency="EUR", year_start=4)
# ad platforms' bills stand in for what the platforms do not deliver, subscriptions for orders, no rate for any currency
SPARSE = Company(
    seed=8,
    currency="USD",
    year_start=1,
    absent=frozenset({"finance.fx_rates", "finance.orders", "finance.refunds", "marketing.spend_daily"}),
)
SPARSE_KPIS = (
    "customer_acquisition_cost", "customer_churn_rate", "gross_profit", "marketing_spend", "monthly_recurring_revenue",
    "net_revenue_retention", "new_customers", "payments_received", "pipeline_coverage", "return_on_ad_spend",
)  # fmt: skip


@contextmanager
def opened(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse as dbt joins it, and both closed afterwards."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    connection = duckdb.connect(str(database))
    try:
        yield connection
    finally:
        connection.close()
        if DuckDBConnectionManager._ENV is not None:
            DuckDBConnectionManager._ENV.close()
            DuckDBConnectionManager._ENV = None


def built(company: Company, folder: Path, sample: Sample, models: tuple[str, ...]) -> Path:
    """A warehouse with the company's clean tables and these models on them; what the sample's run parsed is used again."""
    database = folder / "warehouse.duckdb"
    shutil.copytree(sample.data / "dbt" / "parsed", folder / "dbt" / "parsed")
    with opened(database) as connection:
        seed_random(connection, company, folder)
        parsed = dbt.prepare(dbt.Project(DBT_PROJECT, folder / "dbt", database))
        dbt.build(parsed, connection, select=" ".join(f"+{model}" for model in models), indirect_selection="empty")
    return database


@pytest.fixture(scope="module")
def odd(company: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    models = ("kpi_values", "kpi_catalog", "retention_cohorts")
    return built(ODD, tmp_path_factory.mktemp("odd"), company, models)


def test_every_kpi_has_a_reference_and_every_reference_a_kpi(odd: Path) -> None:
    assert read_catalog(odd) == set(REFERENCE)


def test_every_cell_of_the_sample(company: Sample) -> None:
    warehouse = company.data / "warehouse.duckdb"
    assert_same_cells(warehouse, all_cells(warehouse))


def test_every_cell_where_every_odd_case_occurs(odd: Path) -> None:
    assert set(read_cells(odd)) == set(REFERENCE), "every KPI is to have cells here"
    assert_same_cells(odd, all_cells(odd))


def test_every_cohort(odd: Path) -> None:
    found, expected = read_cohorts(odd), retention_cohorts(read_world(odd))
    assert len(expected) > 500
    assert found == expected


def test_every_cell_where_systems_deliver_nothing(company: Sample, tmp_path: Path) -> None:
    database = built(SPARSE, tmp_path, company, tuple(f"kpi_{kpi_id}" for kpi_id in SPARSE_KPIS))
    found = {kpi_id: read_cells(database, f"kpis.kpi_{kpi_id}")[kpi_id] for kpi_id in SPARSE_KPIS}
    assert {kpi_id for kpi_id, cells in found.items() if not cells} == {"gross_profit", "return_on_ad_spend"}
    assert_same_cells(database, found)


RIGHT: Cell = (Decimal(2), Decimal(4), 0.5)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({}, "no cell is to be (('2'), ('4'), 0.5)"),
        ({("month", "2031-03", "all", "all"): (Decimal(2), Decimal(4), 0.25)}, "(('2'), ('4'), 0.25) is to be"),
        ({("month", "2031-03", "all", "all"): (Decimal(2), None, 0.5)}, "(('2'), None, 0.5) is to be"),
        ({("month", "2031-03", "all", "all"): (Decimal(3), Decimal(4), 0.5)}, "(('3'), ('4'), 0.5) is to be"),
        ({("month", "2031-03", "all", "all"): RIGHT, ("all", "all", "all", "all"): RIGHT}, "is to be no cell"),
    ],
)
def test_a_wrong_cell_is_told(found: Cells, told: str) -> None:
    lines = differences("x", found, {("month", "2031-03", "all", "all"): RIGHT})
    assert len(lines) == 2
    assert told in lines[1]
    assert differences("x", {("all", "all", "all", "all"): RIGHT}, {("all", "all", "all", "all"): RIGHT}) == []


def assert_same_cells(warehouse: Path, found: Mapping[str, Cells]) -> None:
    """Hold each KPI's cells against its reference; one message tells the first differences of each."""
    world = read_world(warehouse)
    wrong = [line for kpi_id, cells in found.items() for line in differences(kpi_id, cells, REFERENCE[kpi_id](world))]
    assert not wrong, "\n" + "\n".join(wrong)


def all_cells(warehouse: Path) -> dict[str, Cells]:
    """The cells of every KPI that has a reference, none where the warehouse has none."""
    found = read_cells(warehouse)
    return {kpi_id: found[kpi_id] for kpi_id in sorted(REFERENCE)}
