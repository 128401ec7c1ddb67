with base as (
    select
        published_date as day,
        platform,
        account,
        kind,
        campaign,
        reach as numerator
    from {{ ref('fct_posts') }}
    where reach is not null
)
{{ kpi_cells() }}
