-- One row per price of a subscription that survives, and the days it runs: once it is begun and no longer tried, until the next
-- price or the end.
create view good_prices as
select
    subscriptions.* exclude (until), greatest(effective, started, coalesce(tried_until, started)) as runs_from,
    least(coalesce(lead(effective) over prices, date '9999-12-31'), coalesce(ended, date '9999-12-31')) as runs_until,
    round(if(is_yearly, amount / 12, amount), 4)::decimal(18, 4) as monthly
from subscriptions anti join lost('subscriptions') as bad on bad.row_no = price_no
window prices as (partition by subscription_no order by effective);

-- One row per subscription and day at whose end it runs; days on which a period ends, or before which one begins.
create table running as
select day, subscription_no, customer_id, monthly, ended
from (select last_day as day from periods union select period_start - 1 from periods)
inner join good_prices on day >= runs_from and day < runs_until;

insert into measures
with at_end as (
    select grain, period, is_long, monthly, unnest(of_two('product', null, 'plan', 'Lamp care'), recursive := true)
    from periods inner join running on day = last_day
), counted as (
    select
        grain, period, dimension, member, sum(monthly) as recurring_revenue, count(*)::decimal(18, 4) as running_subscriptions
    from at_end where dimension = 'all' or is_long group by all
)
select measure, grain, period, dimension, member, total
from (unpivot counted on recurring_revenue, running_subscriptions into name measure value total);

-- Subscriptions running before the period begins, and those of them that ended in it.
insert into measures
with at_start as (
    select periods.*, subscription_no, ended from periods inner join running on day = period_start - 1 where grain in ('month', 'quarter', 'year')
), members as (
    select grain, period, coalesce(ended between period_start and last_day, false) as is_lost,
        unnest(of_two('product', null, 'plan', 'Lamp care'), recursive := true)
    from at_start
), counted as (
    select
        grain, period, dimension, member, count(*) as subscriptions_at_start, count(*) filter (where is_lost) as subscriptions_lost
    from members group by all
)
select measure, grain, period, dimension, member, total
from (unpivot counted on subscriptions_at_start, subscriptions_lost into name measure value total);
