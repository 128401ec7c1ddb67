with base as (
    select
        day,
        channel,
        device,
        country,
        sessions as numerator,
        user_key as denominator
    from {{ ref('int_user_days') }}
)
{{ kpi_cells(distinct=['denominator']) }}
