with base as (
    select
        day,
        channel,
        device,
        country,
        sessions as numerator
    from {{ ref('int_user_days') }}
)
{{ kpi_cells() }}
