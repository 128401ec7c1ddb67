-- The refunds export: one file of all refunds. Dirt hits refunds of at most the average amount.
create table text_refunds as
select
    refund_no as _no, refund_no as _sort, refunds.amount <= avg(refunds.amount) over () as _eligible, null::varchar as _forced,
    false as _replaces, 'refunds' as _file, null::varchar as _next_file, refund_id as _key, refund_id as "Refund ID", order_id as "Order No",
    order_id || '-' || (line_key - refunds.order_key * 4) as "Line ID", stamp(refunded_local) as "Refunded at", quantity::varchar as "Units",
    refunds.amount::varchar as "Refund total", 'USD' as "Currency", case when is_restocked then 'Y' else 'N' end as "Restocked", reason as "Reason"
from refunds inner join orders using (order_key);
