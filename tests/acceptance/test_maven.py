"""The published answers of the Maven exports, read from the published tables alone."""

from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from tests.acceptance.conftest import Run, open_published, run_maven

# kpi                      period   numerator     denominator  value as published
ANSWERS = """
  orders                   all      32313         -            32313
  gross_revenue            all      1938509.75    -            1938509.75
  refund_amount            all      85338.69      -            85338.69
  net_revenue              all      1853171.06    -            1853171.06
  gross_profit             all      1130800.81    -            1130800.81
  gross_margin             all      1130800.81    1853171.06   61.02%
  average_order_value      all      1938509.75    32313        59.99
  new_customers            all      31696         -            31696
  refund_rate_orders       all      1723          32313        5.33%
  refund_rate_items        all      1731          40025        4.32%
  refund_rate_amount       all      85338.69      1938509.75   4.40%

  orders                   2012     2586          -            2586
  orders                   2013     7447          -            7447
  orders                   2014     16860         -            16860
  orders                   2015     5420          -            5420
  gross_revenue            2012     129274.14     -            129274.14
  gross_revenue            2013     393247.87     -            393247.87
  gross_revenue            2014     1075612.19    -            1075612.19
  gross_revenue            2015     340375.55     -            340375.55

  orders                   2012-Q1  60            -            60
  orders                   2012-Q2  347           -            347
  orders                   2012-Q3  684           -            684
  orders                   2012-Q4  1495          -            1495
  orders                   2013-Q1  1273          -            1273
  orders                   2013-Q2  1717          -            1717
  orders                   2013-Q3  1841          -            1841
  orders                   2013-Q4  2616          -            2616
  orders                   2014-Q1  3069          -            3069
  orders                   2014-Q2  3848          -            3848
  orders                   2014-Q3  4035          -            4035
  orders                   2014-Q4  5908          -            5908
  orders                   2015-Q1  5420          -            5420

  sessions                 2012-Q1  1879          -            1879
  session_conversion_rate  2012-Q1  60            1879         3.19%

  opportunities_won        all      4238          -            4238
  won_amount               all      10005534      -            10005534
  average_deal_size        all      10005534      4238         2360.91
  win_rate_closed          all      4238          6711         63.15%
  win_rate_created         all      4238          8800         48.16%
  sales_cycle_days         all      -             4238         51.78
  sales_cycle_days_closed  all      -             6711         47.99

  win_rate_closed          2017-Q1  531           647          82.07%
  win_rate_closed          2017-Q2  1254          2032         61.71%
  win_rate_closed          2017-Q3  1257          2047         61.41%
  win_rate_closed          2017-Q4  1196          1985         60.25%
  opportunities_won        2017-Q1  531           -            531
  opportunities_won        2017-Q2  1254          -            1254
  opportunities_won        2017-Q3  1257          -            1257
  opportunities_won        2017-Q4  1196          -            1196
  won_amount               2017-Q1  1134672       -            1134672
  won_amount               2017-Q2  3086111       -            3086111
  won_amount               2017-Q3  2982255       -            2982255
  won_amount               2017-Q4  2802496       -            2802496
"""
DERIVED = {"sales_cycle_days", "sales_cycle_days_closed"}  # published as averages, without their sums

# 1,480 deals of the product the pipeline spells GTXPro: an inner join would lose them
# kpi               dimension  member   numerator  denominator
MEMBERS = """
  win_rate_created  product    GTX_Pro  -          1480
  won_amount        product    GTX_Pro  3510578    -
"""

# file                               entity                rows
ROWS = """
  orders.csv                         finance.orders        32313
  order_items.csv                    finance.order_lines   40025
  order_item_refunds.csv             finance.refunds       1731
  website_sessions_first5000.csv     analytics.sessions    5000
  website_pageviews_first5000.csv    analytics.events      5000
  sales_pipeline.csv                 crm.opportunities     8800
  accounts.csv                       crm.accounts          85
  sales_teams.csv                    crm.owners            35
"""


def table(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines() if line.strip()]


def rounded(value: float | None, as_published: str) -> Decimal | None:
    """The value with as many decimals as the published one, in its scale."""
    if value is None:
        return None
    published = Decimal(as_published.rstrip("%"))
    scaled = Decimal(repr(value)) * (100 if as_published.endswith("%") else 1)
    return scaled.quantize(published, rounding=ROUND_HALF_UP)


def total(published: duckdb.DuckDBPyConnection, kpi: str, period: str) -> tuple[Decimal, Decimal, float]:
    rows = published.execute(
        "select numerator, denominator, value from kpis.kpi_values"
        " where kpi_id = ? and period = ? and dimension = 'all' and member = 'all'",
        [kpi, period],
    ).fetchall()
    assert len(rows) == 1, f"{kpi} has {len(rows)} total rows in {period}"
    found: tuple[Decimal, Decimal, float] = rows[0]
    return found


@pytest.mark.parametrize(("kpi", "period", "numerator", "denominator", "value"), table(ANSWERS))
def test_published_answer(
    published: duckdb.DuckDBPyConnection, kpi: str, period: str, numerator: str, denominator: str, value: str
) -> None:
    found = total(published, kpi, period)
    assert rounded(found[2], value) == Decimal(value.rstrip("%"))
    assert found[1] == (None if denominator == "-" else Decimal(denominator))
    if kpi not in DERIVED:
        assert found[0] == Decimal(numerator)


def test_cost_of_goods_is_what_lies_between_net_revenue_and_gross_profit(published: duckdb.DuckDBPyConnection) -> None:
    assert total(published, "net_revenue", "all")[0] - total(published, "gross_profit", "all")[0] == Decimal(
        "722370.25"
    )


@pytest.mark.parametrize(("kpi", "dimension", "member", "numerator", "denominator"), table(MEMBERS))
def test_no_deal_is_lost_to_a_spelling(
    published: duckdb.DuckDBPyConnection, kpi: str, dimension: str, member: str, numerator: str, denominator: str
) -> None:
    rows = published.execute(
        "select numerator, denominator from kpis.kpi_values"
        " where kpi_id = ? and grain = 'all' and dimension = ? and member = ?",
        [kpi, dimension, member.replace("_", " ")],
    ).fetchall()
    assert len(rows) == 1
    for found, expected in zip(rows[0], (numerator, denominator), strict=True):
        assert expected == "-" or found == Decimal(expected)


def test_sessions_end_in_april_2012_and_conversion_with_them(published: duckdb.DuckDBPyConnection) -> None:
    last = published.execute(
        "select max(period_start) from kpis.kpi_values where kpi_id = 'session_conversion_rate' and grain = 'day'"
    ).fetchone()
    assert last is not None
    assert str(last[0]) == "2012-04-24"
    quarters = published.execute(
        "select period, is_complete from kpis.kpi_scorecard where kpi_id = 'session_conversion_rate'"
        " and grain = 'quarter' and dimension = 'all' order by period_start"
    ).fetchall()
    assert [period for period, _ in quarters] == ["2012-Q1", "2012-Q2"]
    assert quarters[1] == ("2012-Q2", False)


@pytest.mark.parametrize(("file", "entity", "rows"), table(ROWS))
def test_every_row_is_accounted_for(published: duckdb.DuckDBPyConnection, file: str, entity: str, rows: str) -> None:
    found = published.execute(
        "select status, rows_read, rows_clean,"
        " rows_quarantined + rows_duplicate + rows_superseded + rows_not_for_entity"
        " from ops.loads where entity = ? and file = ?",
        [entity, file],
    ).fetchall()
    assert found == [("loaded", int(rows), int(rows), 0)]


def test_the_shops_numbers_rest_on_current_sources(published: duckdb.DuckDBPyConnection) -> None:
    entities = {entity for _, entity, _ in table(ROWS)}
    found = published.execute("select entity, status from ops.source_status where source is not null").fetchall()
    assert entities <= {entity for entity, _ in found}
    assert {status for _, status in found} == {"current"}


def test_running_again_changes_nothing(maven: Run) -> None:
    reports, values = documents(maven.data_dir), kpi_values(maven.published)
    assert any(name.endswith("summary.html") for name in reports)

    again = run_maven(maven.data_dir)

    assert again.exit_code == 0, again.output
    assert documents(maven.data_dir) == reports
    assert kpi_values(maven.published) == values


def documents(data_dir: Path) -> dict[str, str]:
    """Hash of every file of every edition."""
    reports = data_dir / "reports"
    return {
        str(path.relative_to(reports)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(reports.rglob("*"))
        if path.is_file()
    }


def kpi_values(path: Path) -> list[tuple[object, ...]]:
    with open_published(path) as connection:
        return connection.execute("select * from kpis.kpi_values order by all").fetchall()
