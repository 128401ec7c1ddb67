with base as (
    select
        session_date as day,
        channel,
        device,
        country,
        1 as numerator
    from {{ ref('fct_sessions') }}
)
{{ kpi_cells() }}
