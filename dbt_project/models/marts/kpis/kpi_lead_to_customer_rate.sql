with base as (
    select
        created_date as day,
        channel,
        country,
        industry,
        owner,
        team,
        region,
        case when is_customer then 1 else 0 end as numerator,
        1 as denominator
    from {{ ref('fct_leads') }}
)
{{ kpi_cells() }}
