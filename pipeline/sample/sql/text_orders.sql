-- Local times with their offset, as the shop writes them.
create macro stamp(local_time) as
    strftime(local_time, '%Y-%m-%dT%H:%M:%S') || '-0' || date_diff('hour', local_time, utc(local_time)) || ':00';

-- The orders export: one file per month of the order; dirt hits small orders of one line that were never refunded.
create table text_orders as
select
    order_no as _no, order_no as _sort,
    not is_company and not is_test and lines = 1 and status = 'completed' and order_key not in (select order_key from refunds)
        and amount <= 0.003 * sum(amount) over (partition by date_trunc('month', order_date)) as _eligible,
    null::varchar as _forced, false as _replaces, 'orders_' || strftime(order_date, '%Y-%m') as _file,
    case when date_trunc('month', order_date) < date_trunc('month', getvariable('last')::date)
        then 'orders_' || strftime(date_trunc('month', order_date) + interval 1 month, '%Y-%m') end as _next_file,
    order_id as _key, order_id as "Order No", stamp(ordered_local) as "Created at", customer_id as "Customer ID",
    'S' || lpad(session_no::varchar, 10, '0') as "Session ref", amount::varchar as "Total", 'USD' as "Currency", status as "Order status",
    case when is_test then 'yes' else 'no' end as "Test order", country as "Ship country", stamp(updated_local) as "Updated at"
from orders;
