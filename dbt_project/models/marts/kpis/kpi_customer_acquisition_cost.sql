with base as (
    select day, channel, amount as numerator, 0 as denominator
    from {{ ref('int_marketing_spend') }}
    union all
    select customer_since as day, channel, cast(0 as decimal(18, 4)) as numerator, 1 as denominator
    from {{ ref('dim_customers') }}
)
{{ kpi_cells() }}
