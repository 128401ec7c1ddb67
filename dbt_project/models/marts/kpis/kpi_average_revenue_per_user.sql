with base as (
    select order_date as day, channel, device, country, company_amount as numerator, cast(null as string) as denominator
    from {{ ref('fct_orders') }}
    where is_counted
    union all
    select refund_date as day, channel, device, country, -company_amount as numerator, cast(null as string) as denominator
    from {{ ref('fct_refunds') }}
    where is_counted
    union all
    select day, channel, device, country, cast(0 as decimal(18, 4)) as numerator, user_key as denominator
    from {{ ref('int_user_days') }}
)
{{ kpi_cells(distinct=['denominator']) }}
