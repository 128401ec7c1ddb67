with base as (
    select
        refund_date as day,
        'finance.refunds' as entity,
        channel,
        device,
        country,
        product,
        units as numerator,
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
        product,
        0 as numerator,
        units as denominator
    from {{ ref('int_order_products') }}
)
{{ kpi_cells(by_entity=true) }}
