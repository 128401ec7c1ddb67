with base as (
    select
        session_date as day,
        channel,
        device,
        country,
        user_key as numerator
    from {{ ref('fct_sessions') }}
)
{{ kpi_cells() }}
