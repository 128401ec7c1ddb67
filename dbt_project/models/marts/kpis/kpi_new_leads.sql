with base as (
    select
        created_date as day,
        channel,
        country,
        industry,
        owner,
        team,
        region,
        1 as numerator
    from {{ ref('fct_leads') }}
)
{{ kpi_cells() }}
