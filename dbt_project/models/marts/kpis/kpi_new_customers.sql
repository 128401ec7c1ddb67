with base as (
    select
        first_order_date as day,
        channel,
        device,
        country,
        1 as numerator
    from {{ ref('dim_customers') }}
)
{{ kpi_cells() }}
