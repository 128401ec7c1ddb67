with base as (
    select
        published_date as day,
        platform,
        account,
        kind,
        campaign,
        coalesce(interactions, 0) as numerator,
        reach as denominator
    from {{ ref('fct_posts') }}
    where reach is not null
)
{{ kpi_cells() }}
