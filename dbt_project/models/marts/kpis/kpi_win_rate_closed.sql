with base as (
    select
        close_date as day,
        owner,
        team,
        region,
        product,
        segment,
        industry,
        case when is_won then 1 else 0 end as numerator,
        1 as denominator
    from {{ ref('fct_opportunities') }}
    where is_won or is_lost
)
{{ kpi_cells() }}
