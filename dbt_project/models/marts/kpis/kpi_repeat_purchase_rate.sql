with {{ kpi_periods() }},

order_counts as (
    select periods.grain, periods.period_start, orders.customer_id, count(*) as orders
    from periods
    inner join {{ ref('fct_orders') }} as orders
        on orders.order_date <= periods.last_day and orders.order_date > {{ date_plus('periods.last_day', -365) }}
    where orders.is_counted and orders.customer_id is not null
    group by 1, 2, 3
),

base as (
    select
        order_counts.grain,
        order_counts.period_start,
        customers.channel,
        customers.country,
        case when order_counts.orders > 1 then 1 else 0 end as numerator,
        1 as denominator
    from order_counts
    left join {{ ref('dim_customers') }} as customers on customers.customer_id = order_counts.customer_id
)
{{ kpi_period_cells() }}
