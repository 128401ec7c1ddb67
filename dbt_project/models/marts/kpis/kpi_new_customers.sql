with base as (
    select
        customer_since as day,
        channel,
        device,
        country,
        1 as numerator
    from {{ ref('dim_customers') }}
)
{{ kpi_cells() }}
