with base as (
    select
        day,
        channel,
        device,
        country,
        add_to_cart_sessions as numerator,
        product_view_sessions as denominator
    from {{ ref('int_funnel_days') }}
)
{{ kpi_cells() }}
