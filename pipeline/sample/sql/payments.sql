-- One row per payment or attempt: one for every order, another before it where the first was declined, one for every invoice paid.
-- Nobody paid by transfer later than the month of the order. In one month the payment service lost what came in on five days,
-- so that orders and payments of that month differ: is_lost.
create table payments as
with attempts as (
    select
        order_no * 4 as key, order_id, null::varchar as invoice_id, customer_id, amount, ordered_local + interval 1 minute as attempted_local,
        if(is_company or draw(105, order_no, 100) < 6, 'bank transfer', if(draw(106, order_no, 3) = 0, 'wallet', 'credit card')) as method,
        if(is_company, 0, draw(107, order_no, 4) + 1) as late, case when status = 'cancelled' then 'Cancelled' else 'Succeeded' end as status
    from orders where not is_test
    union all
    select
        order_no * 4 + 1, order_id, null, customer_id, amount, ordered_local - interval 2 minute, 'credit card', 0, 'Failed'
    from orders where not is_test and not is_company and draw(108, order_no, 100) < 4
    union all
    select bill_no * 4 + 2, null, invoice_id, customer_id, total, paid + interval 11 hour, 'direct debit', 0, 'Succeeded'
    from invoices where paid is not null
), received as (
    select *, case when status = 'Succeeded' then if(
        method = 'bank transfer' and late > 0,
        least(attempted_local::date + late, last_day(attempted_local::date), getvariable('last')::date) + interval 20 hour, attempted_local)
    end as received_local
    from attempts
)
select
    row_number() over (order by attempted_local, key) as payment_no, 'PAY-' || lpad(payment_no::varchar, 9, '0') as payment_id, *,
    greatest(received_local, attempted_local) as settled_local,
    case when method in ('bank transfer', 'direct debit') or status <> 'Succeeded' then 0 else round(amount * 0.029 + 0.3, 2) end::decimal(18, 2) as fee,
    coalesce(status = 'Succeeded' and invoice_id is null
        and received_local::date between getvariable('lost_from')::date and getvariable('lost_from')::date + 4, false) as is_lost
from received;
