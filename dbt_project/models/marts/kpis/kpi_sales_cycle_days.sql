with base as (
    select
        close_date as day,
        owner,
        team,
        region,
        product,
        segment,
        industry,
        cycle_days as numerator,
        1 as denominator
    from {{ ref('fct_opportunities') }}
    where is_won and cycle_days is not null
)
{{ kpi_cells() }}
