-- One row per answer: customers of every eighth order say how satisfied they were, of every fourteenth whether they would recommend
-- the shop, and of every tenth how many stars the product gets. Whoever sent something back is less pleased.
create table responses as
with bought as (
    select order_no, order_id, customer_id, order_date, order_key in (select order_key from refunds) as is_returned
    from orders where status <> 'cancelled' and not is_test and not is_company
), asked as (
    select order_no * 4 as key, 'CSAT' as kind, 5 as scale_max, 'after delivery' as survey, 'Email' as way, * from bought where draw(119, order_no, 8) = 0
    union all
    select order_no * 4 + 1, 'NPS', 10, 'would you recommend us', 'Email', * from bought where draw(120, order_no, 14) = 0
    union all
    select order_no * 4 + 2, 'Rating', 5, 'product page', 'Web', * from bought where draw(121, order_no, 10) = 0
), answered as (
    select *, order_date + 4 + draw(122, key, 12) as day, share(123, key) * if(is_returned, 0.6, 1) as mood from asked
)
select
    row_number() over (order by day, key) as response_no, 'RSP-' || lpad(response_no::varchar, 6, '0') as response_id, *,
    day + interval 18 hour + draw(124, key, 7200) * interval 1 second as answered_local,
    case
        when kind = 'NPS' then case when mood > 0.5 then 9 + draw(125, key, 2) when mood > 0.25 then 7 + draw(125, key, 2) else draw(125, key, 7) end
        when mood > 0.45 then 5 when mood > 0.2 then 4 when mood > 0.12 then 3 when mood > 0.05 then 2 else 1
    end as score
from answered
where day <= getvariable('last')::date;

-- One row per ticket of a customer: some orders lead to one, mostly those something was sent back of. Most are solved within three days.
create table tickets as
with written as (
    select
        order_no as key, order_id, customer_id, order_date + 1 + draw(126, order_no, 9) as day,
        ['delivery', 'damage', 'invoice', 'product', 'complaint'][draw(127, order_no, 5) + 1] as category
    from orders
    where not is_company and not is_test and draw(119, -order_no, 100) < if(order_key in (select order_key from refunds), 40, 5)
), timed as (
    select
        *, day + interval 8 hour + draw(120, -key, 36000) * interval 1 second as created_local,
        300 + floor(28800 * share(121, -key) * share(122, -key))::bigint as reply_seconds, 3600 + floor(259200 * share(123, -key) * share(124, -key))::bigint as work_seconds
    from written where day <= getvariable('last')::date
)
select
    row_number() over (order by created_local, key) as ticket_no, 'T-' || lpad(ticket_no::varchar, 6, '0') as ticket_id, *,
    created_local + (hours_behind * 3600) * interval 1 second as created_utc,
    created_utc + reply_seconds * interval 1 second as replied_utc,
    created_utc + (reply_seconds + work_seconds) * interval 1 second as solved_utc,
    replied_utc < getvariable('last')::date + interval 1 day as is_replied, solved_utc < getvariable('last')::date + interval 1 day as is_solved,
    ['Low', 'Normal', 'Normal', 'High', 'Urgent'][draw(125, -key, 5) + 1] as priority,
    ['Email', 'Email', 'Web form', 'Live chat', 'Telephone'][draw(126, -key, 5) + 1] as way
from timed inner join days using (day);
