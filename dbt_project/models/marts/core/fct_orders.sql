select
    orders.order_id,
    orders.customer_id,
    orders.session_id,
    orders.status,
    orders.is_test,
    orders.ordered_at,
    orders.order_date,
    orders.status <> 'cancelled' and not coalesce(orders.is_test, false) and orders.order_date <= company.as_of as is_counted,
    orders.amount,
    orders.currency,
    {{ company_money('orders.amount', 'orders.currency') }} as company_amount,
    sessions.channel,
    sessions.device,
    orders.country,
    {{ provenance('orders') }}
from {{ ref('stg_finance__orders') }} as orders
cross join {{ source('ops', 'company') }} as company
{{ join_rates('orders.currency', 'orders.order_date') }}
left join {{ ref('fct_sessions') }} as sessions on sessions.session_id = orders.session_id
