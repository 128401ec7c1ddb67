-- One row per channel, device, country and member they make; numbered, because text is slow to tell apart.
create table visit_members as
with makes as (
    select channel, device, country, unnest(of_session(channel, device, country), recursive := true)
    from (select distinct channel, device, country from visits)
)
select *, dense_rank() over (order by dimension, member) as member_no from makes;
create view member_names as select distinct member_no, dimension, member from visit_members;

-- One row per user: the first session ever.
create table first_visits as
select user_key, day, moment, session_no, channel, device, country from visits
qualify row_number() over (partition by user_key order by day, moment, session_no) = 1;

-- One row per day and member.
create table visit_days as
with counted as (
    select
        day, channel, device, country, count(*) as sessions, sum(seconds) as engaged_seconds, count(*) filter (where reached >= 1) as product_views,
        count(*) filter (where reached >= 2) as carts, count(*) filter (where reached >= 3) as checkouts, count(*) filter (where reached >= 4) as purchases,
        count(good_orders.session_no) as converted_sessions
    from visits left join (select session_no from good_orders where is_tracked) as good_orders using (session_no)
    group by all
), members as (
    select *, unnest(of_session(channel, device, country), recursive := true) from counted
)
select
    day, dimension, member, sum(sessions) as sessions, sum(engaged_seconds) as engaged_seconds,
    sum(product_views) as product_views, sum(carts) as carts, sum(checkouts) as checkouts, sum(purchases) as purchases,
    sum(converted_sessions) as converted_sessions
from members group by all;
insert into facts
select measure, day, dimension, member, total from (
    unpivot visit_days on sessions, engaged_seconds, product_views, carts, checkouts, purchases, converted_sessions into name measure value total
);
insert into facts
select 'new_users', day, dimension, member, count(*)
from (select day, unnest(of_session(channel, device, country), recursive := true) from first_visits) group by all;

-- One row per day, member and user.
create table user_days as
select distinct day, user_key, member_no from visits inner join visit_members using (channel, device, country);
insert into measures
with counted as (
    select period_no, member_no, count(distinct user_key) as users from user_days inner join day_periods using (day)
    where is_long or member_no in (select member_no from member_names where dimension = 'all') group by all
)
select 'active_users', grain, period, dimension, member, users
from counted inner join member_names using (member_no) inner join periods using (period_no);

-- Users of a mean covered day.
insert into measures
with daily as (
    select day, member_no, count(*) as users from user_days group by all
)
select 'daily_users', grain, period, dimension, member, sum(users) / days
from daily inner join member_names using (member_no) inner join day_periods using (day) inner join periods using (period_no, grain, period)
where grain = 'month' or (grain = 'week' and dimension = 'all') group by grain, period, dimension, member, days;

-- Users first seen before the period began.
insert into measures
with gained as (
    select period_no, dimension, member, sum(total) as users from facts inner join day_periods using (day) where measure = 'new_users' group by all
), summed as (
    select grain, period, dimension, member, sum(users) over (
        partition by grain, dimension, member order by period_no rows between unbounded preceding and 1 preceding
    ) as total
    from periods inner join member_names on is_long or dimension = 'all' left join gained using (period_no, dimension, member)
)
select 'users_before', grain, period, dimension, member, total from summed where total > 0;

-- Users of the period before, and those of them who came again.
insert into measures
with came as (
    select distinct period_no, user_key from (select distinct day, user_key from visits) inner join day_periods using (day) where grain <> 'all'
), kept as (
    select before.user_key, before.period_no + 1 as period_no, again.user_key is not null as came_again
    from came as before left join came as again on again.period_no = before.period_no + 1 and again.user_key = before.user_key
), firsts as (
    select period_no, channel, device, country, count(*) as users, count(*) filter (where came_again) as users_again
    from kept inner join first_visits using (user_key) group by all
), counted as (
    select grain, period, dimension, member, sum(users) as users_of_the_period_before, sum(users_again) as users_kept
    from firsts inner join visit_members using (channel, device, country) inner join periods using (period_no)
    where (dimension = 'all' or is_long) and period_start > getvariable('start')::date group by all
)
select measure, grain, period, dimension, member, total
from (unpivot counted on users_of_the_period_before, users_kept into name measure value total);
