-- The subscriptions as the billing system knows them, one line a price.
create table text_subscriptions as
select
    price_no as _no, price_no as _sort, amount <= avg(amount) over () as _eligible,
    case
        when discount > 0 and draw(109, price_no, 4) = 0 then 'percent_for_fraction'
        when ended is null and draw(110, price_no, 8) = 0 then 'empty_date_as_1970'
    end as _forced, false as _replaces, 'subscriptions' as _file, null::varchar as _next_file, subscription_id || '/' || effective as _key,
    subscription_id as "Subscription", effective::varchar as "Price since", customer_id as "Customer", 'Lamp care' as "Plan", status as "State",
    started::varchar as "Start", tried_until::varchar as "Trial until", ended::varchar as "End", if(is_yearly, 'Yearly', 'Monthly') as "Interval",
    seats::varchar as "Seats", seat_price::varchar as "Seat price", discount::decimal(3, 2)::varchar as "Discount", amount::varchar as "Bill", 'usd' as "Currency"
from subscriptions;
