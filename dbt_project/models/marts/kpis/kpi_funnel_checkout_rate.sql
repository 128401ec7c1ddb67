with base as (
    select
        day,
        channel,
        device,
        country,
        checkout_sessions as numerator,
        add_to_cart_sessions as denominator
    from {{ ref('int_funnel_days') }}
)
{{ kpi_cells() }}
