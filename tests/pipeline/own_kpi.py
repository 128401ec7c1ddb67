"""A KPI pair in a folder of the user's own."""

from pathlib import Path

import yaml

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


def add_own_kpi(sources: Path, folder: Path) -> None:
    """Write the pair to the folder, which sources.yml names from now on."""
    folder.mkdir()
    (folder / "kpi_large_orders.sql").write_text(SQL)
    (folder / "kpi_large_orders.yml").write_text(yaml.safe_dump(YML, allow_unicode=True, sort_keys=False))
    sources.write_text(f"{sources.read_text()}\nkpis: {folder}\n")
