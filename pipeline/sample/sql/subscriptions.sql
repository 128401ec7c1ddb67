-- One row per subscription of a company that has ordered before: the care of its lamps, per seat. Nothing begins after the 28th,
-- so that every month has its billing day. A running one has no end; every fourth ends after some intervals.
create table subscribed as
with first_orders as (
    select customer_id, min(order_date) as first_date, min(-order_key) as key from orders where is_company group by customer_id
), drawn as (
    select
        *, first_date + 1 + draw(93, key, 25) as wished, draw(94, key, 5) = 0 as is_yearly, draw(95, key, 10) < 3 as is_tried,
        2 + draw(96, key, 24) as seats, [0.0, 0.0, 0.1, 0.2][draw(97, key, 4) + 1] as discount
    from first_orders
), begun as (
    select *, if(dayofmonth(wished) > 28, last_day(wished) + 1, wished)::date as started from drawn
)
select
    row_number() over (order by started, key) as subscription_no, 'SUB-' || lpad(subscription_no::varchar, 6, '0') as subscription_id,
    key, customer_id, is_yearly, started, seats, discount, if(is_yearly, 108, 10)::decimal(18, 2) as seat_price,
    if(is_tried, if(dayofmonth(started + 14) > 28, last_day(started + 14) + 1, started + 14), null)::date as tried_until,
    coalesce(tried_until, started) as billed_from,
    if(draw(98, key, 4) = 0, billed_from + to_months((if(is_yearly, 12, 1) * (1 + draw(99, key, 9)))::integer), null)::date as planned_end,
    if(draw(100, key, 5) = 0, billed_from + to_months((if(is_yearly, 12, 1) * (1 + draw(101, key, 5)))::integer), null)::date as planned_change
from begun where started <= getvariable('last')::date;

-- One row per subscription and what holds from a day: a trial, then the price, then the price of more seats.
create table subscriptions as
with ended as (
    select *, if(planned_end <= getvariable('last')::date, planned_end, null) as ended from subscribed
), prices as (
    select * exclude (seats), seats, started as effective, tried_until is not null as is_trial from ended
    union all
    select * exclude (seats), seats, tried_until, false from ended where tried_until <= getvariable('last')::date
    union all
    select * exclude (seats), seats + 5, planned_change, false from ended
    where planned_change < coalesce(ended, getvariable('last')::date + 1)
)
select
    row_number() over (order by effective, subscription_no) as price_no, *, (seats * seat_price * (1 - discount::decimal(3, 2)))::decimal(18, 2) as amount,
    lead(effective) over (partition by subscription_no order by effective) as until,
    case
        when is_trial then 'Trialing' when ended is not null then 'Ended'
        when draw(102, subscription_no, 40) = 0 then 'Past_due' else 'Active' end as status
from prices;
