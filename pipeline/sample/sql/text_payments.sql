-- The payment service's export, one file a month of attempts. Dirt hits small payments that were received at once.
create table text_payments as
select
    payment_no as _no, payment_no as _sort,
    status = 'Succeeded' and received_local = attempted_local and invoice_id is null
        and amount <= 0.002 * sum(amount) over (partition by date_trunc('month', attempted_local))
        and fee <= 0.004 * sum(fee) over (partition by date_trunc('month', attempted_local)) as _eligible,
    case when fee > 0 and draw(113, payment_no, 40) = 0 then 'amount_in_cents' end as _forced, false as _replaces,
    'payments_' || strftime(attempted_local, '%Y-%m') as _file,
    case when date_trunc('month', attempted_local) < date_trunc('month', getvariable('last')::date)
        then 'payments_' || strftime(date_trunc('month', attempted_local) + interval 1 month, '%Y-%m') end as _next_file,
    payment_id as _key, payment_id as "Payment", order_id as "Order", invoice_id as "Invoice", customer_id as "Customer",
    customer_id || '@example.com' as "Payer", status as "State", method as "Method", if(status = 'Failed', 'declined by the bank', null) as "Failure",
    stamp(attempted_local) as "Tried at", stamp(received_local) as "Received at", amount::varchar as "Amount", fee::varchar as "Fee",
    (amount - fee)::varchar as "Paid out", 'USD' as "Currency"
from payments where not is_lost;
