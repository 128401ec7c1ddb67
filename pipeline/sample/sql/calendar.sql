-- Pseudo-random numbers without state: the same seed, salt and id give the same draw on any number of threads.
-- Ids are mixed twice, because hash(a, b) of several arguments only xors their hashes and salts would correlate.
create macro mixed(salt, id) as hash(xor(hash(id::bigint * 128 + salt), hash(getvariable('seed')::bigint)));
create macro share(salt, id) as (mixed(salt, id) >> 32)::double / 4294967296;
create macro draw(salt, id, n) as ((mixed(salt, id) >> 32) % n)::integer;
create macro utc(local_time) as timezone('UTC', timezone('America/New_York', local_time));

-- One row per business day: how busy it is and how many hours New York is behind UTC.
-- Nothing happens between midnight and 05:00 but the end of late visits, so a day has one offset.
create table days as
with listed as (
    select unnest(range(getvariable('days')::bigint))::integer as day_no
), dated as (
    select day_no, (getvariable('start')::date + day_no)::date as day from listed
)
select
    day_no, day, date_trunc('month', day)::date as month,
    date_diff('hour', day + interval 12 hour, utc(day + interval 12 hour)) as hours_behind,
    (month(day) = 11 and dayofmonth(day) >= 20) or (month(day) = 12 and dayofmonth(day) <= 20) as is_campaign,
    round(
        [1.06, 1.05, 1.03, 1.02, 1.00, 0.90, 0.94][isodow(day)]
        * (1 + 0.12 * cos(2 * pi() * (dayofyear(day) - 345) / 365))
        * case when is_campaign then 1.35 else 1 end
        * (0.94 + 0.12 * share(1, day_no)),
    6) as demand
from dated;

-- One row per marketing channel. label: as analytics writes it; per_day: sessions on the first day at scale 1.
create table channels as
select * from (values
    (1, 'direct', 'Direct', '(direct)', 14.0, 0.10, 0.082),
    (2, 'organic_search', 'Organic Search', 'searchhound', 18.0, 0.22, 0.070),
    (3, 'paid_search', 'Paid Search', 'searchhound', 19.0, 0.12, 0.062),
    (4, 'paid_social', 'Paid Social', 'chirpbook', 10.0, 0.45, 0.036),
    (5, 'email', 'Email', 'newsletter', 7.0, 0.05, 0.118),
    (6, 'referral', 'Referral', 'pricegoblin', 4.5, 0.15, 0.088),
    (7, null, null, null, 1.5, 0.0, 0.050)
) as listed (channel_no, channel, label, traffic_source, per_day, growth, conversion);

-- One row per day and channel: how many sessions it has, and from which numbers on they and their new visitors count.
create table channel_days as
with expected as (
    select
        day_no, day, month, hours_behind, is_campaign, channel_no,
        floor(per_day * getvariable('scale') * (1 + growth * day_no / 365) * demand
            + share(2, day_no * 16 + channel_no))::bigint as sessions
    from days cross join channels
), split as (
    select *, least(sessions, floor(sessions * 0.62 + share(3, day_no * 16 + channel_no))::bigint) as new_visitors
    from expected
)
select
    *,
    1 + coalesce(sum(sessions) over earlier, 0)::bigint as first_session,
    1 + coalesce(sum(new_visitors) over earlier, 0)::bigint as first_visitor,
    coalesce(sum(new_visitors) over earlier_days, 0)::bigint as visitors_before
from split
window
    earlier as (order by day_no, channel_no rows between unbounded preceding and 1 preceding),
    earlier_days as (order by day_no range between unbounded preceding and 1 preceding);
