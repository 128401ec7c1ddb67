with base as (
    select
        order_date as day,
        'finance.orders' as entity,
        channel,
        device,
        country,
        product,
        revenue as numerator
    from {{ ref('int_order_products') }}
    union all
    select
        refund_date as day,
        'finance.refunds' as entity,
        channel,
        device,
        country,
        product,
        -company_amount as numerator
    from {{ ref('fct_refunds') }}
    where is_counted
)
{{ kpi_cells(by_entity=true) }}
