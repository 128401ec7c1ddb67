with base as (
    select
        day,
        channel,
        device,
        country,
        product_view_sessions as numerator,
        sessions as denominator
    from {{ ref('int_funnel_days') }}
)
{{ kpi_cells() }}
