with base as (
    select
        created_date as day,
        owner,
        team,
        region,
        product,
        segment,
        industry,
        case when is_won then 1 else 0 end as numerator,
        1 as denominator
    from {{ ref('fct_opportunities') }}
)
{{ kpi_cells() }}
