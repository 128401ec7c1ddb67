with base as (
    select
        order_date as day,
        channel,
        device,
        country,
        company_amount as numerator,
        1 as denominator
    from {{ ref('fct_orders') }}
    where is_counted and company_amount is not null
)
{{ kpi_cells() }}
