-- The lines export: times local without offset, in US notation. The line of an order in quarantine is broken too.
create table text_order_lines as
select
    row_number() over (order by order_no, line) as _no, _no as _sort,
    order_lines.order_key not in (select order_key from refunds) and not is_company
        and order_lines.amount <= 0.002 * sum(order_lines.amount) over (partition by date_trunc('month', orders.order_date)) as _eligible,
    case when spoiled.row_no is not null then 'broken_order' end as _forced, false as _replaces,
    'order_lines_' || strftime(orders.order_date, '%Y-%m') as _file, null::varchar as _next_file, order_id || '-' || line as _key,
    _key as "Line ID", order_id as "Order No", product_id as "SKU", strftime(order_lines.ordered_local, '%m/%d/%Y %H:%M:%S') as "Placed",
    order_lines.quantity::varchar as "Qty", unit_price::varchar as "Unit price", order_lines.amount::varchar as "Line total",
    cost::varchar as "Cost of goods", 'USD' as "Currency", order_lines.line_key as _line_key
from order_lines inner join orders using (order_key)
left join spoiled on spoiled.export = 'orders' and spoiled.row_no = order_no;
