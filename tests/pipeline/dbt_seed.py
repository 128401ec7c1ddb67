"""A small warehouse for dbt alone: the pipeline's tables, the contracts' clean tables and a few rows in them.

Every row is written out, so that what a test expects can be counted by hand.
"""

import re
from datetime import date
from pathlib import Path

import duckdb
import yaml

ROOT = Path(__file__).parents[2]
SQL_TYPES = {
    "text": "varchar", "integer": "bigint", "number": "double", "money": "decimal(18, 4)",
    "boolean": "boolean", "date": "date", "timestamp": "timestamp",
}  # fmt: skip
PROVENANCE = (
    "_namespace varchar, _source varchar, _export varchar, _load_id varchar, _row_id varchar, "
    "_source_file varchar, _source_row bigint, _filled varchar, _is_deleted boolean"
)

# Two months of a shop that also sells to companies, as of 20 April 2031. A dash is null.
SMALL = {
    # the last one is after as_of
    "shop analytics.sessions": """
        session_id  visitor_id  session_date  channel  device   country
        1           v1          2031-03-03    email    mobile   DE
        2           v2          2031-03-04    direct   desktop  -
        3           v1          2031-04-02    direct   mobile   DE
        4           v4          2031-04-25    direct   mobile   DE
    """,
    # the second one's session is unknown
    "shop analytics.events": """
        event_id  session_id  event_name  event_date
        1         1           page_view   2031-03-03
        2         9           page_view   2031-03-03
    """,
    "shop finance.products": """
        product_id  name  list_price  unit_cost  currency
        7           Bear  50          20         USD
        8           Lamp  30          12         USD
    """,
    # the second one's session is unknown; a cancelled one, a test, one after as_of
    "shop finance.orders": """
        order_id  customer_id  session_id  status     is_test  order_date  amount  currency  country
        1         c1           1           paid       false    2031-03-03  130     USD       DE
        2         c2           99          completed  -        2031-03-31  60      USD       -
        3         c1           3           paid       false    2031-04-02  50      USD       DE
        4         c1           -           cancelled  false    2031-04-02  1000    USD       DE
        5         -            -           paid       true     2031-04-03  1000    USD       DE
        6         c3           4           paid       false    2031-04-25  70      USD       DE
    """,
    # the first one costs what the product costs; the third is 5 short of its order
    "shop finance.order_lines": """
        order_line_id  order_id  product_id  order_date  quantity  amount  cost  currency
        1              1         7           2031-03-03  2         100     -     USD
        2              1         8           2031-03-03  1         30      11    USD
        3              2         8           2031-03-31  2         55      24    USD
        4              3         7           2031-04-02  1         50      20    USD
    """,
    # one unit of two, back on the shelf; a whole order; a cancelled order
    "shop finance.refunds": """
        refund_id  order_id  order_line_id  refund_date  quantity  amount  currency  is_restocked
        1          1         1              2031-03-10   1         50      USD       true
        2          1         -              2031-04-05   -         20      USD       false
        3          4         -              2031-04-06   -         1000    USD       false
    """,
    "crm crm.accounts": """
        account_id  name   industry  segment
        a           Alder  steel     small
    """,
    "crm crm.owners": """
        owner_id  name     team   region
        1         Owner 1  North  East
        2         Owner 2  North  West
        3         Owner 2  South  West
    """,
    # the third one's owner is unknown; closed after as_of; never dated; deleted at the source
    "crm crm.opportunities": """
        opportunity_id  account_id  owner_id  product  status  amount  currency  created_date  close_date  _is_deleted
        1               a           1         Pro      won     100     USD       2031-03-01    2031-03-11  false
        2               -           2         Pro      lost    0       USD       2031-03-02    2031-03-06  false
        3               a           9         -        open    -       -         2031-03-20    -           false
        4               a           1         Pro      won     300     USD       2031-03-25    2031-04-22  false
        5               a           1         Pro      open    -       -         -             -           false
        6               a           1         Pro      won     900     USD       2031-03-01    2031-03-02  true
    """,
    "plan planning.targets": """
        kpi_id              period   dimension  member  target  benchmark  owner  updated_at
        orders              2031-03  all        all     4       -          Sales  2031-01-01
        orders              2031-04  all        all     3       -          Sales  2031-01-01
        orders              2031-05  all        all     3       -          Sales  2031-01-01
        orders              2031-06  all        all     5       -          Sales  2031-01-01
        orders              2031-Q2  all        all     -       12         Sales  2031-01-01
        refund_rate_orders  2031-03  all        all     0.4     -          Sales  2031-01-01
    """,
    "goals planning.targets": """
        kpi_id  period   dimension  member  target  owner  updated_at
        orders  2031-03  all        all     1.6     Web    2031-02-01
    """,
    "plan planning.actions": """
        action_id  title             status
        A-1        Shorter checkout  running
    """,
    "plan planning.notes": """
        note_id  period   kind  text
        N-1      2031-03  risk  A strike
    """,
}
COVERAGE = {
    "analytics.sessions": ("2031-03-01", "2031-04-30", "current"),
    "finance.orders": ("2031-03-01", "2031-04-30", "current"),
    "finance.order_lines": ("2031-03-01", "2031-04-30", "current"),
    "finance.refunds": ("2031-03-01", "2031-04-30", "current"),
    "crm.opportunities": ("2031-03-01", "2031-04-20", "stale"),
    "crm.owners": (None, None, "current"),
}


def seed_small(connection: duckdb.DuckDBPyConnection) -> None:
    """Create and fill everything: the company above, with one row of each awkward kind."""
    create_tables(connection)
    set_company(connection, date(2031, 4, 20))
    for place, table in SMALL.items():
        namespace, entity = place.split(" ")
        insert(connection, entity, table, namespace)
    for entity, (first, last, status) in COVERAGE.items():
        cover(connection, entity, first, last, status)


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what dbt reads: everything in warehouse.sql and one empty clean table per contract."""
    connection.execute((ROOT / "pipeline" / "warehouse.sql").read_text(encoding="utf-8"))
    for path in sorted((ROOT / "expectations").glob("*/*.yml")):
        contract = yaml.safe_load(path.read_text(encoding="utf-8"))
        columns = ", ".join(f"{name} {SQL_TYPES[spec['type']]}" for name, spec in contract["columns"].items())
        connection.execute(f"create table clean.{contract['entity'].replace('.', '__')} ({columns}, {PROVENANCE})")


def insert(connection: duckdb.DuckDBPyConnection, entity: str, table: str, namespace: str) -> None:
    """Add rows to a clean table, written as columns two spaces apart below their names; a dash is null."""
    header, *rows = [re.split(r" {2,}", line.strip()) for line in table.strip().splitlines()]
    columns = [*header, "_namespace", "_source", "_load_id", "_row_id"]
    marks = ", ".join("?" * len(columns))
    for number, row in enumerate(rows, start=1):
        values = [None if value == "-" else value for value in row]
        connection.execute(
            f"insert into clean.{entity.replace('.', '__')} ({', '.join(columns)}) values ({marks})",
            [*values, namespace, namespace, "load_1", f"{namespace}:{entity}:{number}"],
        )


def set_company(connection: duckdb.DuckDBPyConnection, as_of: date, fiscal_year_start: int = 1) -> None:
    """Write the one row of ops.company."""
    connection.execute(
        "insert into ops.company values ('Acme', 'America/New_York', 'USD', ?, ?, 3)", [fiscal_year_start, as_of]
    )


def cover(
    connection: duckdb.DuckDBPyConnection, entity: str, first: str | None, last: str | None, status: str = "current"
) -> None:
    """Say that `entity` was loaded and covers the days from `first` to `last`."""
    connection.execute(
        "insert into ops.source_status (source, entity, namespace, covered_from, covered_to, status) "
        "values ('seed', ?, 'seed', ?, ?, ?)",
        [entity, first, last, status],
    )
