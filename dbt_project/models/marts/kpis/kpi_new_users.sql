with base as (
    select
        first_session_date as day,
        channel,
        device,
        country,
        1 as numerator
    from {{ ref('dim_users') }}
)
{{ kpi_cells() }}
