-- One row per order of a customer; turn: the customer's first is 1.
create table bought as
select
    customer_id, order_date as day, order_no, country, user_key,
    row_number() over (partition by customer_id order by order_date, ordered_local, order_no) as turn
from sold where customer_id is not null;

-- One row per customer: country of the first order, channel and device of the first session of whoever placed the orders.
create table customers as
with visited as (
    select customer_id, first_visits.channel, first_visits.device
    from (select distinct customer_id, user_key from bought) inner join first_visits using (user_key)
    qualify row_number() over (partition by customer_id order by day, moment, session_no) = 1
), subscribers as (
    select customer_id, min(started) as started from good_prices group by all
)
select
    customer_id, channel, device, firsts.country, least(firsts.day, started) as first_day
from (select * from bought where turn = 1) as firsts
full join subscribers using (customer_id) left join visited using (customer_id);

insert into facts
select 'new_customers', first_day, dimension, member, count(*)
from (select first_day, unnest(of_session(channel, device, country), recursive := true) from customers) group by all;

-- Customers of a period, and those of them who had ordered before.
insert into measures
with members as (
    select customer_id, bought.day, turn, unnest(of_customer(channel, customers.country), recursive := true)
    from bought inner join customers using (customer_id)
), counted as (
    select
        grain, period, dimension, member, count(distinct customer_id) as customers, count(distinct customer_id) filter (where turn > 1) as returning_customers
    from members inner join day_periods using (day) where dimension = 'all' or is_long group by all
)
select measure, grain, period, dimension, member, total
from (unpivot counted on customers, returning_customers into name measure value total);

-- One row per customer and day at whose end a year's order or a subscription made it active, with the orders of the 365 days.
create table active_customers as
with boundaries as (
    select period_start - 1 as day from periods where is_long union select last_day from periods where is_long
)
select boundaries.day, customer_id, count(*) as orders
from boundaries inner join bought on bought.day between boundaries.day - 364 and boundaries.day group by all
union all
select distinct day, customer_id, 0 from boundaries inner join running using (day);

-- Customers active before the period and at its end; customers of the year to its end, and those who ordered twice in it.
insert into measures
with at_day as (
    select day, customer_id, sum(orders) as orders from active_customers group by all
), counted as (
    select 'customers_at_start' as measure, grain, period, at_start.customer_id
    from periods inner join at_day as at_start on at_start.day = period_start - 1
    union all
    select 'customers_kept', grain, period, at_start.customer_id
    from periods inner join at_day as at_start on at_start.day = period_start - 1
    inner join at_day as at_end on at_end.day = last_day and at_end.customer_id = at_start.customer_id
    union all
    select 'customers_of_a_year', grain, period, customer_id from periods inner join at_day on day = last_day where orders >= 1
    union all
    select 'customers_of_two_orders', grain, period, customer_id from periods inner join at_day on day = last_day where orders >= 2
), members as (
    select measure, grain, period, unnest(of_customer(channel, country), recursive := true) from counted inner join customers using (customer_id)
)
select measure, grain, period, dimension, member, count(*) from members where grain in ('month', 'quarter', 'year') group by all;

-- What each customer's subscriptions brought a month before the period began, and what they bring at its end.
insert into measures
with at_day as (
    select day, customer_id, sum(monthly) as monthly from running group by all
), kept as (
    select periods.grain, periods.period, at_start.customer_id, at_start.monthly as revenue_before, coalesce(at_end.monthly, 0) as revenue_kept
    from periods inner join at_day as at_start on at_start.day = period_start - 1
    left join at_day as at_end on at_end.day = last_day and at_end.customer_id = at_start.customer_id
    where grain in ('month', 'quarter', 'year')
), members as (
    select grain, period, revenue_before, revenue_kept, unnest(of_customer(channel, country), recursive := true)
    from kept inner join customers using (customer_id)
), counted as (
    select grain, period, dimension, member, sum(revenue_before) as revenue_before, sum(revenue_kept) as revenue_kept from members group by all
)
select measure, grain, period, dimension, member, total
from (unpivot counted on revenue_before, revenue_kept into name measure value total);
