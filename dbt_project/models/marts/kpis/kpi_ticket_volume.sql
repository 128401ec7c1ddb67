with base as (
    select
        created_date as day,
        channel,
        category,
        priority,
        team,
        product,
        1 as numerator
    from {{ ref('fct_tickets') }}
    where is_counted
)
{{ kpi_cells() }}
