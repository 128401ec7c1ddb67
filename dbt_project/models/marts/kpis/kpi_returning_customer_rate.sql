with orders as (
    select
        customer_id,
        order_date,
        row_number() over (
            partition by customer_id order by order_date nulls last, ordered_at nulls last, order_id nulls last
        ) as position
    from {{ ref('fct_orders') }}
    where is_counted and customer_id is not null
),

base as (
    select
        orders.order_date as day,
        customers.channel,
        customers.country,
        case when orders.position > 1 then orders.customer_id end as numerator,
        orders.customer_id as denominator
    from orders
    left join {{ ref('dim_customers') }} as customers on customers.customer_id = orders.customer_id
)
{{ kpi_cells(distinct=['numerator', 'denominator']) }}
