with base as (
    select
        close_date as day,
        owner,
        team,
        region,
        product,
        segment,
        industry,
        company_amount as numerator,
        1 as denominator
    from {{ ref('fct_opportunities') }}
    where is_won and (company_amount is not null or amount is null)
)
{{ kpi_cells() }}
