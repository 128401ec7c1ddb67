with base as (
    select
        order_date as day,
        channel,
        device,
        country,
        1 as numerator
    from {{ ref('fct_orders') }}
    where is_counted
)
{{ kpi_cells() }}
