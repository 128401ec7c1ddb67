with base as (
    select
        day,
        channel,
        device,
        country,
        ordering_sessions as numerator,
        sessions as denominator
    from {{ ref('int_session_days') }}
)
{{ kpi_cells() }}
