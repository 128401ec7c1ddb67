with base as (
    select
        published_date as day,
        platform,
        account,
        kind,
        campaign,
        impressions as numerator
    from {{ ref('fct_posts') }}
    where impressions is not null
)
{{ kpi_cells() }}
