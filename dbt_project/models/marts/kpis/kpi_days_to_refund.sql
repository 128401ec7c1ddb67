with base as (
    select
        refund_date as day,
        'finance.refunds' as entity,
        channel,
        device,
        country,
        product,
        days_to_refund as numerator,
        1 as denominator
    from {{ ref('fct_refunds') }}
    where is_counted and days_to_refund is not null
)
{{ kpi_cells(by_entity=true) }}
