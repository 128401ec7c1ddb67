with base as (
    select
        created_date as day,
        channel,
        category,
        priority,
        team,
        product,
        hours_to_first_reply as value
    from {{ ref('fct_tickets') }}
    where is_counted
)
{{ kpi_median_cells() }}
