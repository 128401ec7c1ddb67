"""The period a summary is about when nobody says."""

import duckdb
import pytest

from pipeline.errors import UserError
from pipeline.report.default_period import default_period


@pytest.mark.parametrize(
    ("change", "grain", "label", "is_complete", "said"),
    [
        ("select 1", "month", "2026-10", True, "complete for net_revenue"),
        ("select 1", "week", "2026-W44", True, "complete for net_revenue"),
        ("select 1", "quarter", "2026-Q3", True, "complete for net_revenue"),
        ("update kpis.kpi_scorecard set is_complete = false", "month", "2026-11", False, "in part"),
        ("delete from kpis.kpi_scorecard where kpi_id = 'net_revenue'", "month", "2026-11", False, "has no value"),
        ("delete from ops.headline", "month", "2026-11", False, "has no value"),
    ],
)
def test_the_newest_complete_period_of_the_first_headline_kpi(
    shop: duckdb.DuckDBPyConnection, change: str, grain: str, label: str, is_complete: bool, said: str
) -> None:
    shop.execute(change)
    found = default_period(shop, grain)
    assert (found.period.label, found.is_complete) == (label, is_complete)
    assert label in found.sentence
    assert said in found.sentence


def test_without_any_value_there_is_none(shop: duckdb.DuckDBPyConnection) -> None:
    shop.execute("delete from kpis.kpi_scorecard")
    with pytest.raises(UserError, match="No KPI has a value for any month"):
        default_period(shop)
