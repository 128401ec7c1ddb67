with base as (
    select
        day,
        channel,
        device,
        country,
        purchase_sessions as numerator,
        checkout_sessions as denominator
    from {{ ref('int_funnel_days') }}
)
{{ kpi_cells() }}
