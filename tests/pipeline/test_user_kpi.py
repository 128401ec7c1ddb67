"""A KPI pair in the user's own folder needs nothing else: catalogue, scorecard and summary show it by themselves."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import yaml

from pipeline.warehouse import memory_database

COMMAND = str(Path(sys.executable).with_name("ops-summary"))
SQL = """
with base as (
    select order_date as day, channel, 1 as numerator
    from {{ ref('fct_orders') }}
    where is_counted and company_amount >= 100
)
{{ kpi_cells() }}
"""
META = {
    "kpi_id": "large_orders",
    "name_en": "Orders of 100 and more",
    "name_zh": "百元以上订单数",
    "formula_en": "orders of an amount of 100 or more",
    "formula_zh": "金额不低于100的订单数",
    "unit": "count",
    "kind": "additive",
    "direction": "up",
    "domain": "finance",
    "role": "output",
    "owner": "Sales",
    "grains": ["day", "month", "all"],
    "dimensions": ["channel"],
    "entities": ["finance.orders"],
    "reach": "period",
    "definition_version": 1,
}
YML = {
    "models": [
        {
            "name": "kpi_large_orders",
            "description": "One row per period and member with the number of orders of 100 and more placed in it.",
            "config": {"meta": META},
        }
    ]
}


@dataclass(frozen=True)
class Ran:
    """A finished run: where it published, and its summary as text."""

    published: Path
    summary: str


def call(*arguments: str | Path) -> str:
    done = subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 3), done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("company")
    call("sample", folder, "--days", "120", "--scale", "0.2")
    (folder / "kpis").mkdir()
    (folder / "kpis" / "kpi_large_orders.sql").write_text(SQL)
    (folder / "kpis" / "kpi_large_orders.yml").write_text(yaml.safe_dump(YML, allow_unicode=True, sort_keys=False))
    sources = folder / "sources.yml"
    sources.write_text(sources.read_text() + "\nkpis: ./kpis\n")
    data = folder / "data"
    call("run", "--sources", sources, "--data-dir", data)
    (summary,) = data.glob("reports/*/*/*/en/summary.html")
    return Ran(data / "published" / "ops.duckdb", summary.read_text())


@pytest.fixture
def tables(ran: Ran) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = memory_database()
    connection.execute(f"attach '{ran.published}' as summary (read_only)")
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


def test_the_summary_names_it(ran: Ran) -> None:
    assert "Orders of 100 and more" in ran.summary
    assert "orders of an amount of 100 or more" in ran.summary
