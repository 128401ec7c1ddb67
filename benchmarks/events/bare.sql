-- Every KPI of the company straight from its files, as somebody who trusts them would compute it: keys are taken as
-- unique, nothing is checked, kept or explained. Makes kpi_values(kpi_id, grain, period_start, dimension, member,
-- numerator, denominator, value). Expects the variables exports, first_day and as_of.

create macro business_day(moment) as cast(timezone('America/New_York', timezone('UTC', moment)) as date);

create table calendar as
select day, unnest(['day', 'week', 'month', 'quarter', 'year', 'all']) as grain,
    unnest([
        day, cast(date_trunc('week', day) as date), cast(date_trunc('month', day) as date),
        cast(date_trunc('quarter', day) as date), cast(date_trunc('year', day) as date), getvariable('first_day')
    ]) as period_start
from (select cast(day as date) as day from generate_series(getvariable('first_day'), getvariable('as_of'), interval 1 day) as days(day));

create table periods as
select
    grain, period_start, count(*) as days, max(day) as last_day,
    cast(period_start - case grain
        when 'day' then interval 1 day when 'week' then interval 7 day when 'month' then interval 1 month
        when 'quarter' then interval 3 month when 'year' then interval 1 year
    end as date) as previous_start
from calendar
group by grain, period_start;

-- The files
create table sessions as
select
    session_key, coalesce(login_id, client_id) as user_key, business_day(session_start) as day, session_start,
    channel_group as channel, device_category as device, geo_country as country, engagement_seconds
from read_parquet(getvariable('exports') || '/sessions_*.parquet');

create table steps as
select session_key, event, event_time
from read_parquet(getvariable('exports') || '/events_*.parquet')
where event in ('product_view', 'add_to_cart', 'checkout', 'purchase');

create table orders as
select
    newest.order_no, newest.customer, newest.session_ref, newest.created_at, business_day(newest.created_at) as day,
    cast(newest.total as decimal(18, 4)) as amount, newest.ship_country as country, sessions.channel, sessions.device, sessions.user_key,
    newest.order_status <> 'cancelled' and business_day(newest.created_at) <= getvariable('as_of') as is_counted
from (
    select order_no, max_by(orders, updated_at) as newest
    from read_csv(getvariable('exports') || '/orders_*.csv', types = {'total': 'decimal(18, 4)'}) as orders
    group by order_no
)
left join sessions on sessions.session_key = newest.session_ref;

create table lines as
select line_id, order_no, 'shop:' || sku as product, quantity, line_total as amount, cost
from read_csv(
    getvariable('exports') || '/order_lines_*.csv', types = {'line_total': 'decimal(18, 4)', 'cost': 'decimal(18, 4)'}
);

create table refunds as
select
    business_day(refunded_at) as day, refunds.order_no, orders.channel, orders.device, orders.country, lines.product,
    refund_total as amount, refunds.quantity, orders.day as order_day,
    cast(case when not restocked then 0
        when refunds.quantity >= lines.quantity then lines.cost
        else round(lines.cost * refunds.quantity / lines.quantity, 4)
    end as decimal(18, 4)) as restocked_cost
from read_csv(getvariable('exports') || '/refunds_*.csv', types = {'refund_total': 'decimal(18, 4)'}) as refunds
left join orders on orders.order_no = refunds.order_no
left join lines on lines.line_id = refunds.line_id
where coalesce(orders.is_counted, true) and business_day(refunded_at) <= getvariable('as_of');

-- Who came first, and by what
create table users as
select
    user_key, first.day as first_day, first.session_start as first_start, first.session_key as first_session, first.channel as channel,
    first.device as device, first.country as country
from (
    select user_key, min_by(
        {'day': day, 'session_start': session_start, 'session_key': session_key, 'channel': channel, 'device': device, 'country': country},
        {'day': day, 'session_start': session_start, 'session_key': session_key}
    ) as first
    from sessions
    group by user_key
);

create table customers as
select
    customer, min(orders.day) as since,
    min_by(orders.country, {'day': orders.day, 'moment': created_at, 'no': order_no}) as country,
    min_by(users.channel, {'day': users.first_day, 'moment': first_start, 'key': first_session}) as channel,
    min_by(users.device, {'day': users.first_day, 'moment': first_start, 'key': first_session}) as device
from orders
left join users on users.user_key = orders.user_key
where is_counted
group by customer;

-- How far each session walked
create table walked as
with viewed as (
    select session_key, min(event_time) as reached from steps where event = 'product_view' group by session_key
),
carted as (
    select session_key, min(event_time) as reached from steps inner join viewed using (session_key)
    where event = 'add_to_cart' and event_time >= viewed.reached group by session_key
),
checked_out as (
    select session_key, min(event_time) as reached from steps inner join carted using (session_key)
    where event = 'checkout' and event_time >= carted.reached group by session_key
),
purchased as (
    select distinct session_key from steps inner join checked_out using (session_key)
    where event = 'purchase' and event_time >= checked_out.reached
)
select
    session_key, carted.session_key is not null as carted, checked_out.session_key is not null as checked_out,
    purchased.session_key is not null as purchased
from viewed
left join carted using (session_key)
left join checked_out using (session_key)
left join purchased using (session_key);

create table session_days as
select
    day, channel, device, country, count(*) as sessions, count(placed.session_ref) as ordering, count(walked.session_key) as viewed,
    count(*) filter (where carted) as carted, count(*) filter (where checked_out) as checked_out, count(*) filter (where purchased) as purchased
from sessions
left join walked using (session_key)
left join (select distinct session_ref from orders where is_counted) as placed on placed.session_ref = sessions.session_key
group by day, channel, device, country;

create table sold as
select orders.day, orders.channel, orders.device, orders.country, product, lines.amount, lines.cost, lines.quantity
from orders
inner join lines using (order_no)
where is_counted;

-- What is only added up: one row per KPI, day and member of all dimensions
create table measures as
select 'session_conversion_rate' as kpi_id, day, channel, device, country, null as product, cast(ordering as decimal(18, 4)) as numerator, cast(sessions as decimal(18, 4)) as denominator from session_days
union all select 'funnel_product_view_rate', day, channel, device, country, null, viewed, sessions from session_days
union all select 'funnel_add_to_cart_rate', day, channel, device, country, null, carted, viewed from session_days
union all select 'funnel_checkout_rate', day, channel, device, country, null, checked_out, carted from session_days
union all select 'funnel_purchase_rate', day, channel, device, country, null, purchased, checked_out from session_days
union all select 'orders', day, channel, device, country, null, 1, null from orders where is_counted
union all select 'average_order_value', day, channel, device, country, null, amount, 1 from orders where is_counted
union all select 'gross_revenue', day, channel, device, country, product, amount, null from sold
union all select unnest(['net_revenue', 'gross_profit', 'gross_margin']), day, channel, device, country, product, unnest([amount, amount - cost, amount - cost]), unnest([null, null, amount]) from sold
union all select unnest(['net_revenue', 'gross_profit', 'gross_margin']), day, channel, device, country, product, unnest([-amount, coalesce(restocked_cost, 0) - amount, coalesce(restocked_cost, 0) - amount]), unnest([null, null, -amount]) from refunds
union all select unnest(['refund_rate_amount', 'refund_rate_items']), day, channel, device, country, product, 0, unnest([amount, quantity]) from sold
union all select unnest(['refund_rate_amount', 'refund_rate_items']), day, channel, device, country, product, unnest([amount, quantity]), 0 from refunds
union all select 'refund_amount', day, channel, device, country, product, amount, null from refunds
union all select 'days_to_refund', day, channel, device, country, product, day - order_day, 1 from refunds where order_day is not null
union all select 'new_users', first_day, channel, device, country, null, 1, null from users
union all select 'new_customers', since, channel, device, country, null, 1, null from customers;

-- Cells, before those that a KPI does not have are left out. The mask has a bit for each column that is not grouped by.
create macro dimension_of(mask) as case mask
    when 15 then 'all' when 7 then 'channel' when 11 then 'device' when 13 then 'country' when 14 then 'product' when 3 then 'channel+device'
end;
create macro member_of(mask, channel, device, country, product) as case mask
    when 15 then 'all' when 7 then coalesce(channel, 'unknown') when 11 then coalesce(device, 'unknown') when 13 then coalesce(country, 'unknown')
    when 14 then coalesce(product, 'unknown') when 3 then coalesce(channel, 'unknown') || '+' || coalesce(device, 'unknown')
end;

create table cells as
select
    kpi_id, grain, period_start, dimension_of(grouping(channel, device, country, product)) as dimension,
    member_of(grouping(channel, device, country, product), channel, device, country, product) as member,
    sum(numerator) as numerator, sum(denominator) as denominator
from measures
inner join calendar using (day)
group by grouping sets (
    (kpi_id, grain, period_start), (kpi_id, grain, period_start, channel), (kpi_id, grain, period_start, device),
    (kpi_id, grain, period_start, country), (kpi_id, grain, period_start, product), (kpi_id, grain, period_start, channel, device)
);

-- Users are counted once per cell
create table user_cells as
select
    grain, period_start, dimension_of(2 * grouping(channel, device, country) + 1) as dimension,
    member_of(2 * grouping(channel, device, country) + 1, channel, device, country, null) as member,
    count(*) as sessions, sum(engagement_seconds) as engaged, count(distinct user_key) as users,
    count(distinct case when grain in ('week', 'month') then {'user': user_key, 'day': day} end) as user_days
from sessions
inner join calendar using (day)
group by grouping sets (
    (grain, period_start), (grain, period_start, channel), (grain, period_start, device), (grain, period_start, country),
    (grain, period_start, channel, device)
);

insert into cells
select 'sessions', grain, period_start, dimension, member, sessions, null from user_cells
union all select 'active_users', grain, period_start, dimension, member, users, null from user_cells
union all select 'sessions_per_user', grain, period_start, dimension, member, sessions, users from user_cells
union all select 'average_engagement_time', grain, period_start, dimension, member, engaged, users from user_cells
union all select 'stickiness', grain, period_start, dimension, member, round(user_days / days, 4), users from user_cells inner join periods using (grain, period_start);

insert into cells
select 'average_revenue_per_user', grain, period_start, dimension, member, coalesce(revenue.numerator, 0), coalesce(user_cells.users, 0)
from (from cells where kpi_id = 'net_revenue' and dimension <> 'product') as revenue
full join user_cells using (grain, period_start, dimension, member);

insert into cells
with grown as (
    select
        grain, period_start, dimension, member, coalesce(new.numerator, 0) as numerator,
        coalesce(sum(new.numerator) over (
            partition by grain, dimension, member order by period_start rows between unbounded preceding and 1 preceding
        ), 0) as denominator
    from periods
    cross join (select distinct dimension, member from cells where kpi_id = 'new_users') as members
    left join (from cells where kpi_id = 'new_users') as new using (grain, period_start, dimension, member)
)
select 'user_growth_rate', * from grown where numerator > 0 or denominator > 0 or dimension = 'all';

insert into cells
with activity as (
    select distinct grain, period_start, user_key from sessions inner join calendar using (day) where grain <> 'all'
),
kept as (
    select
        periods.grain, periods.period_start, users.channel, users.device, users.country,
        count(again.user_key) as again, count(*) as before
    from periods
    inner join activity as earlier on earlier.grain = periods.grain and earlier.period_start = periods.previous_start
    left join activity as again
        on again.grain = periods.grain and again.period_start = periods.period_start and again.user_key = earlier.user_key
    inner join users on users.user_key = earlier.user_key
    group by all
)
select
    'user_retention_rate', grain, period_start, dimension_of(2 * grouping(channel, device, country) + 1) as dimension,
    member_of(2 * grouping(channel, device, country) + 1, channel, device, country, null) as member, sum(again), sum(before)
from kept
group by grouping sets ((grain, period_start), (grain, period_start, channel), (grain, period_start, device), (grain, period_start, country));

-- Orders and customers
insert into cells
select
    'refund_rate_orders', grain, period_start, dimension_of(2 * grouping(channel, device, country) + 1) as dimension,
    member_of(2 * grouping(channel, device, country) + 1, channel, device, country, null) as member, count(distinct refunded), count(placed)
from (
    select day, channel, device, country, order_no as refunded, null as placed from refunds
    union all select day, channel, device, country, null, order_no from orders where is_counted
)
inner join calendar using (day)
group by grouping sets (
    (grain, period_start), (grain, period_start, channel), (grain, period_start, device), (grain, period_start, country),
    (grain, period_start, channel, device)
);

create table customer_periods as
select 'returning_customer_rate' as kpi_id, grain, period_start, customer, max(position) > 1 as is_counted
from (
    select customer, day, row_number() over (partition by customer order by day, created_at, order_no) as position
    from orders where is_counted
)
inner join calendar using (day)
group by all
union all
select 'repeat_purchase_rate', grain, period_start, customer, count(*) > 1
from periods
inner join orders on orders.is_counted and orders.day <= periods.last_day and orders.day > periods.last_day - 365
where grain in ('month', 'quarter', 'year')
group by all;

insert into customer_periods
with spans as (
    select customer, day as since, least(day + 365, coalesce(lead(day) over (partition by customer order by day), day + 365)) as until
    from (select distinct customer, day from orders where is_counted)
),
active as (
    select grain, period_start, customer, bool_or(since <= last_day and until > last_day) as at_end,
        bool_or(since < period_start and until >= period_start) as at_start
    from periods
    inner join spans on since <= last_day and until >= period_start
    where grain in ('month', 'quarter', 'year')
    group by all
)
select unnest(['customer_churn_rate', 'customer_retention_rate']), grain, period_start, customer, unnest([not at_end, at_end])
from active
where at_start;

insert into cells
select
    kpi_id, grain, period_start, dimension_of(8 * grouping(channel) + 2 * grouping(country) + 5) as dimension,
    member_of(8 * grouping(channel) + 2 * grouping(country) + 5, channel, null, country, null) as member, count(*) filter (where is_counted), count(*)
from customer_periods
inner join customers using (customer)
group by grouping sets ((kpi_id, grain, period_start), (kpi_id, grain, period_start, channel), (kpi_id, grain, period_start, country));

-- What each KPI has. kind: a stands for additive or distinct, which have no denominator, r for what is a ratio or an average
create table kpis as
select kpi_id, kind, string_split(grains, ' ') as grains, string_split(dimensions, ' ') as dimensions
from (
    values
    ('sessions', 'a', 'day week month quarter year all', 'all channel device country channel+device'),
    ('active_users', 'a', 'day week month quarter year all', 'all channel device country channel+device'),
    ('sessions_per_user', 'r', 'day week month quarter year all', 'all channel device country channel+device'),
    ('average_engagement_time', 'r', 'day week month quarter year all', 'all channel device country channel+device'),
    ('stickiness', 'r', 'week month', 'all channel device country channel+device'),
    ('new_users', 'a', 'day week month quarter year all', 'all channel device country channel+device'),
    ('user_growth_rate', 'r', 'day week month quarter year all', 'all channel device country channel+device'),
    ('user_retention_rate', 'r', 'day week month quarter year', 'all channel device country'),
    ('session_conversion_rate', 'r', 'day week month quarter year all', 'all channel device country channel+device'),
    ('funnel_product_view_rate', 'r', 'day week month quarter year all', 'all channel device country channel+device'),
    ('funnel_add_to_cart_rate', 'r', 'day week month quarter year all', 'all channel device country channel+device'),
    ('funnel_checkout_rate', 'r', 'day week month quarter year all', 'all channel device country channel+device'),
    ('funnel_purchase_rate', 'r', 'day week month quarter year all', 'all channel device country channel+device'),
    ('orders', 'a', 'day week month quarter year all', 'all channel device country channel+device'),
    ('average_order_value', 'r', 'day week month quarter year all', 'all channel device country channel+device'),
    ('gross_revenue', 'a', 'day week month quarter year all', 'all channel device country product channel+device'),
    ('net_revenue', 'a', 'day week month quarter year all', 'all channel device country product channel+device'),
    ('gross_profit', 'a', 'day week month quarter year all', 'all channel device country product channel+device'),
    ('gross_margin', 'r', 'day week month quarter year all', 'all channel device country product channel+device'),
    ('average_revenue_per_user', 'r', 'month quarter year', 'all channel device country channel+device'),
    ('refund_amount', 'a', 'day week month quarter year all', 'all channel device country product channel+device'),
    ('refund_rate_amount', 'r', 'month quarter year all', 'all channel device country product channel+device'),
    ('refund_rate_items', 'r', 'month quarter year all', 'all channel device country product channel+device'),
    ('refund_rate_orders', 'r', 'month quarter year all', 'all channel device country channel+device'),
    ('days_to_refund', 'r', 'month quarter year all', 'all channel device country product channel+device'),
    ('new_customers', 'a', 'day week month quarter year all', 'all channel device country channel+device'),
    ('returning_customer_rate', 'r', 'day week month quarter year all', 'all channel country'),
    ('repeat_purchase_rate', 'r', 'month quarter year', 'all channel country'),
    ('customer_churn_rate', 'r', 'month quarter year', 'all channel country'),
    ('customer_retention_rate', 'r', 'month quarter year', 'all channel country')
) as listed(kpi_id, kind, grains, dimensions);

-- Every covered period has a total, though nothing happened in it
create table kpi_values as
select
    kpi_id, grain, period_start, dimension, member,
    cast(numerator as decimal(18, 4)) as numerator,
    case when kind = 'r' then cast(denominator as decimal(18, 4)) end as denominator,
    case kind when 'a' then cast(numerator as double) else cast(numerator as double) / nullif(cast(denominator as double), 0) end as value
from (
    select
        kpi_id, grain, period_start, dimension, member,
        coalesce(sum(numerator), 0) as numerator, coalesce(sum(denominator), 0) as denominator
    from (from cells union all select kpi_id, grain, period_start, 'all', 'all', 0, 0 from kpis cross join periods)
    group by all
)
inner join kpis using (kpi_id)
where list_contains(grains, grain) and list_contains(dimensions, dimension);
