with base as (
    select
        solved_date as day,
        channel,
        category,
        priority,
        team,
        product,
        hours_to_solve as value
    from {{ ref('fct_tickets') }}
    where is_counted
)
{{ kpi_median_cells() }}
