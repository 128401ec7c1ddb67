"""A dbt project of a few models, written where a test wants it."""

from pathlib import Path

PROJECT = {
    "dbt_project.yml": """
        name: tiny
        version: '1.0.0'
        profile: ops_summary
        vars: {kpi_ids: []}
        data_tests: {+severity: warn}
        models:
          tiny:
            staging: {+schema: staging, +materialized: view}
            marts:
              +materialized: table
              core: {+schema: marts}
              kpis: {+schema: kpis}
    """,
    "profiles.yml": """
        ops_summary:
          target: main
          outputs:
            main:
              type: duckdb
              path: "{{ env_var('OPS_SUMMARY_DBT_DATABASE') }}"
              schema: main
              threads: 1
    """,
    "macros/generate_schema_name.sql": """
        {% macro generate_schema_name(name, node) %}{{ name or target.schema }}{% endmacro %}
    """,
    "models/staging/sources.yml": """
        sources:
          - name: clean
            schema: clean
            tables:
              - name: shop__orders
                config: {meta: {dagster: {asset_key: [clean, shop, orders]}}}
    """,
    "models/staging/stg_shop__orders.sql": "select * from {{ source('clean', 'shop__orders') }}",
    "models/staging/stg_shop__orders.yml": """
        models:
          - name: stg_shop__orders
            description: One row per order.
            columns:
              - name: amount
                description: What was paid.
                data_tests:
                  - not_null: {config: {meta: {severity: error}}}
              - name: order_id
                description: The order.
                data_tests:
                  - not_null: {config: {meta: {severity: warn}}}
                  - unique
    """,
    "models/marts/core/fct_orders.sql": """
        select order_id, amount, cast(quantity as integer) as quantity from {{ ref('stg_shop__orders') }}
    """,
    "models/marts/core/fct_orders.yml": """
        models:
          - name: fct_orders
            description: One row per order, as KPIs count it.
            config: {meta: {owner: Sales & Service}}
            columns:
              - {name: order_id, description: The order., data_type: varchar}
        unit_tests:
          - name: fct_orders_fails_wherever_it_is_run
            model: fct_orders
            given: [{input: ref('stg_shop__orders'), rows: [{order_id: a, amount: 1, quantity: '1'}]}]
            expect: {rows: [{order_id: b, amount: 2}]}
    """,
    "models/marts/kpis/kpi_orders.sql": "select 'orders' as kpi_id, count(*) as value from {{ ref('fct_orders') }}",
    "models/marts/kpis/kpi_orders.yml": """
        models:
          - name: kpi_orders
            description: One row, the number of orders.
            config: {meta: {kpi_id: orders, owner: Sales}}
    """,
    "models/marts/kpis/kpi_values.sql": """
        {% for kpi_id in var('kpi_ids') %}
        select kpi_id, cast(value as double) as value from {{ ref('kpi_' ~ kpi_id) }}
        {{ 'union all' if not loop.last }}
        {% endfor %}
    """,
    "models/marts/kpis/kpi_values.yml": """
        models:
          - name: kpi_values
            description: One row per KPI.
    """,
    "models/marts/kpis/kpi_catalog.sql": """
        {% set found = graph.nodes.values() | selectattr('config.meta.kpi_id', 'defined') if execute else [] %}
        {% for node in found | sort(attribute='name') %}
        select '{{ node.config.meta.kpi_id }}' as kpi_id, '{{ node.description }}' as description
        {{ 'union all' if not loop.last }}
        {% endfor %}
    """,
    "models/marts/kpis/kpi_catalog.yml": """
        models:
          - name: kpi_catalog
            description: One row per KPI, as its yml describes it.
    """,
    "tests/values_have_orders.sql": """
        {{ config(meta={'severity': 'error'}) }}
        select * from {{ ref('kpi_values') }} where not exists (select 1 from {{ ref('fct_orders') }})
    """,
}

OWN_KPI = {
    "kpi_double.sql": "select 'double' as kpi_id, 2 * count(*) as value from {{ ref('fct_orders') }}",
    "kpi_double.yml": """
        models:
          - name: kpi_double
            description: One row, twice the number of orders.
            config: {meta: {kpi_id: double}}
    """,
}


def write_files(folder: Path, files: dict[str, str]) -> Path:
    """Write the files below the folder, without the indentation they have in this module."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = text.strip("\n").split("\n")
        margin = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
        path.write_text("\n".join(line[margin:] for line in lines) + "\n", encoding="utf-8")
    return folder
