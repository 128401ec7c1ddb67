-- A customer's first session is the first of the users who placed the customer's orders.
with orders as (
    select * from {{ ref('fct_orders') }} where is_counted and customer_id is not null
),

customers as (
    select
        customer_id,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        cast(count(*) as bigint) as orders,
        cast(sum(company_amount) as decimal(18, 4)) as revenue
    from orders
    group by customer_id
),

first_orders as (
    select
        customer_id,
        country,
        row_number() over (
            partition by customer_id order by order_date nulls last, ordered_at nulls last, order_id nulls last
        ) as position
    from orders
),

first_sessions as (
    select
        orders.customer_id,
        first_session.channel,
        first_session.device,
        row_number() over (
            partition by orders.customer_id
            order by first_session.session_date nulls last, first_session.started_at nulls last, first_session.session_id nulls last
        ) as position
    from orders
    inner join {{ ref('fct_sessions') }} as order_session on order_session.session_id = orders.session_id
    inner join {{ ref('fct_sessions') }} as first_session
        on first_session.user_key = order_session.user_key and first_session.is_first_session
)

select
    customers.customer_id,
    customers.first_order_date,
    customers.last_order_date,
    customers.orders,
    customers.revenue,
    first_sessions.channel,
    first_sessions.device,
    first_orders.country
from customers
left join first_orders on first_orders.customer_id = customers.customer_id and first_orders.position = 1
left join first_sessions on first_sessions.customer_id = customers.customer_id and first_sessions.position = 1
