-- One row per order line: one product of a basket. Cost is missing on a few, as in every real ledger.
create table order_lines as
with numbered as (
    select
        *,
        unnest(range(1, 2 + case when is_company then 0
            else (draw(50, order_key, 100) < 30)::bigint + (draw(51, order_key, 100) < 10)::bigint end)) as line
    from baskets
), chosen as (
    select
        order_key, line, ordered_local, discount,
        coalesce(quantity, 1 + (draw(52, order_key * 4 + line, 100) < 18)::bigint) as quantity,
        case line when 1 then product_no
            else 1 + (product_no - 1 + case line when 2 then 1 else 5 end + draw(53, order_key * 4 + line, 3)) % 16 end as product_no
    from numbered
)
select
    order_key * 4 + line as line_key, order_key, line, ordered_local, ordered_local::date as order_date, quantity, product_id, refund_rate, unit_cost,
    reduced(list_price, discount) as unit_price,
    (quantity * unit_price)::decimal(18, 2) as amount,
    case when draw(54, order_key * 4 + line, 100) > 0 then (quantity * unit_cost)::decimal(18, 2) end as cost
from chosen inner join products using (product_no);

-- One row per order as it stands on the last day; numbered in the order they were placed.
create table orders as
with summed as (
    select order_key, sum(amount)::decimal(18, 2) as amount, count(*) as lines from order_lines group by order_key
), aged as (
    select *, ordered_local::date as order_date, (getvariable('last')::date - ordered_local::date)::integer as age from baskets
)
select
    aged.order_key, row_number() over (order by ordered_local, aged.order_key) as order_no,
    'W' || lpad(order_no::varchar, 9, '0') as order_id,
    if(is_company, 'A' || lpad(customer_no::varchar, 7, '0'), 'C' || lpad(customer_no::varchar, 9, '0')) as customer_id,
    is_company, session_no, is_tracked, session_day, country, ordered_local, order_date, amount, lines,
    not is_company and draw(55, aged.order_key, 1000) < 3 as is_test,
    case
        when not is_company and draw(56, aged.order_key, 100) < 2 then 'cancelled'
        when age >= 7 then 'completed' when age >= 3 then 'shipped' when age >= 1 then 'paid' else 'placed'
    end as status,
    case when age = 0 then ordered_local + interval 1 minute else order_date + least(age, 7) + interval 6 hour end as updated_local
from aged inner join summed using (order_key);

-- One row per refund, some days after the order: of one line (all its units or one), or of a whole order lost on the way.
create table refunds as
with kept as (
    select *, not is_company and draw(57, order_key, 1000) < 8 as is_lost
    from orders where status <> 'cancelled' and not is_test
), returned as (
    select
        line_key, order_key, line_key as returned_line, unit_price, unit_cost, order_lines.order_date,
        case when quantity > 1 and draw(58, line_key, 2) = 0 then 1 else quantity end as quantity,
        draw(59, line_key, 10) < 6 as is_restocked,
        ['damaged', 'not as described', 'changed mind', 'too late'][draw(60, line_key, 4) + 1] as reason
    from order_lines inner join kept using (order_key)
    where not is_lost and share(61, line_key) < refund_rate * case when is_company then 0.3 else 1 end
), given_back as (
    select line_key, order_key, returned_line, order_date, quantity, (quantity * unit_price)::decimal(18, 2) as amount,
        case when is_restocked then quantity * unit_cost else 0 end::decimal(18, 2) as cost_back, is_restocked, reason
    from returned
    union all
    select order_key * 4, order_key, null, order_date, null, amount, 0, false, 'lost on the way' from kept where is_lost
), dated as (
    select *, order_date + 2 + draw(62, line_key, 28)::integer + interval 9 hour + draw(63, line_key, 28800) * interval 1 second as refunded_local
    from given_back
)
select
    row_number() over (order by refunded_local, line_key) as refund_no, 'R' || lpad(refund_no::varchar, 8, '0') as refund_id,
    order_key, returned_line as line_key, order_date, refunded_local, refunded_local::date as refund_date, quantity, amount, cost_back, is_restocked, reason
from dated
where refunded_local::date <= getvariable('last')::date;
