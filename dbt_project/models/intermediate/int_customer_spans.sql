-- A customer is active from an order until the day before the order of that many days ago no longer counts, and while a
-- subscription runs. Spans of orders follow one another; those of subscriptions may lie over them.
{% set days = var('customer_active_days') %}
with order_days as (
    select distinct customer_id, order_date
    from {{ ref('fct_orders') }}
    where is_counted and customer_id is not null
),

order_spans as (
    select
        customer_id,
        order_date as active_from,
        least(
            {{ date_plus('order_date', days) }},
            coalesce(lead(order_date) over (partition by customer_id order by order_date), {{ date_plus('order_date', days) }})
        ) as active_until
    from order_days
)

select customer_id, active_from, active_until from order_spans
union all
select customer_id, runs_from, runs_until
from {{ ref('fct_subscriptions') }}
where is_recurring and runs_from is not null and customer_id is not null
