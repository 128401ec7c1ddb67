with base as (
    select
        refund_date as day,
        'finance.refunds' as entity,
        channel,
        device,
        country,
        order_id as numerator,
        0 as denominator
    from {{ ref('fct_refunds') }}
    where is_counted
    union all
    select
        order_date as day,
        'finance.orders' as entity,
        channel,
        device,
        country,
        null as numerator,
        1 as denominator
    from {{ ref('fct_orders') }}
    where is_counted
)
{{ kpi_cells(distinct=['numerator'], by_entity=true) }}
