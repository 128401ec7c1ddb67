-- A customer's first session is the first of the users who placed the customer's orders. Who only subscribes is a customer too.
with orders as (
    select * from {{ ref('fct_orders') }} where is_counted and customer_id is not null
),

subscribers as (
    select subscriptions.customer_id, min(subscriptions.started_date) as first_subscription_date
    from {{ ref('fct_subscriptions') }} as subscriptions
    cross join {{ source('ops', 'company') }} as company
    where subscriptions.customer_id is not null and not coalesce(subscriptions.is_test, false)
        and subscriptions.started_date <= company.as_of
    group by subscriptions.customer_id
),

buyers as (
    select
        customer_id,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        cast(count(*) as bigint) as orders,
        cast(sum(company_amount) as decimal(18, 4)) as revenue
    from orders
    group by customer_id
),

customers as (
    select
        coalesce(buyers.customer_id, subscribers.customer_id) as customer_id,
        case
            when buyers.first_order_date is null then subscribers.first_subscription_date
            else least(buyers.first_order_date, coalesce(subscribers.first_subscription_date, buyers.first_order_date))
        end as customer_since,
        buyers.first_order_date,
        buyers.last_order_date,
        subscribers.first_subscription_date,
        coalesce(buyers.orders, 0) as orders,
        buyers.revenue
    from buyers
    full outer join subscribers on subscribers.customer_id = buyers.customer_id
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
        users.channel,
        users.device,
        row_number() over (
            partition by orders.customer_id
            order by users.first_session_date nulls last, users.first_session_at nulls last, users.first_session_id nulls last
        ) as position
    from orders
    inner join {{ ref('fct_sessions') }} as order_session on order_session.session_id = orders.session_id
    inner join {{ ref('dim_users') }} as users on users.user_key = order_session.user_key
)

select
    customers.customer_id,
    customers.customer_since,
    customers.first_order_date,
    customers.last_order_date,
    customers.first_subscription_date,
    customers.orders,
    customers.revenue,
    first_sessions.channel,
    first_sessions.device,
    first_orders.country
from customers
left join first_orders on first_orders.customer_id = customers.customer_id and first_orders.position = 1
left join first_sessions on first_sessions.customer_id = customers.customer_id and first_sessions.position = 1
