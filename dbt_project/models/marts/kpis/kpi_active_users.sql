with base as (
    select
        day,
        channel,
        device,
        country,
        user_key as numerator
    from {{ ref('int_user_days') }}
)
{{ kpi_cells() }}
