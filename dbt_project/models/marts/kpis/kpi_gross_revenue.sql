with base as (
    select
        order_date as day,
        channel,
        device,
        country,
        product,
        revenue as numerator
    from {{ ref('int_order_products') }}
)
{{ kpi_cells() }}
