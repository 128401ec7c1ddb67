with base as (
    select
        close_date as day,
        owner,
        team,
        region,
        product,
        segment,
        industry,
        1 as numerator
    from {{ ref('fct_opportunities') }}
    where is_won
)
{{ kpi_cells() }}
