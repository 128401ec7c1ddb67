-- One row per platform the company publishes on. followers: on the first day.
create table platforms as
select * from (values (1, 'chirpbook', 4200, 7, 900), (2, 'picgram', 6800, 5, 1500), (3, 'clipcast', 1500, 4, 2600))
as listed (platform_no, platform, followers, every_ten_days, usual_reach);

-- One row per post: how many persons saw it, and what they did.
create table posts as
with published as (
    select day_no * 8 + platform_no as key, day, platforms.* from days cross join platforms
    where draw(79, day_no * 8 + platform_no, 10) < every_ten_days
), seen as (
    select *, greatest(20, floor(usual_reach * (0.4 + 1.4 * share(81, key) * share(82, key))))::bigint as reach, draw(83, key, 10) = 0 as is_paid
    from published
)
select
    row_number() over (order by day, key) as post_no, platform || '-' || lpad(post_no::varchar, 6, '0') as post_id, platform, day, is_paid,
    day + interval 8 hour + draw(84, key, 36000) * interval 1 second as published_local,
    case platform when 'clipcast' then 'Video' else ['Photo', 'Photo', 'Link', 'Status', 'Video'][draw(85, key, 5) + 1] end as kind,
    reach * if(is_paid, 3, 1) as reach, floor(reach * if(is_paid, 3, 1) * (1.2 + share(86, key)))::bigint as impressions,
    floor(reach * 0.05 * share(87, key))::bigint as reactions, floor(reach * 0.008 * share(88, key))::bigint as comments,
    floor(reach * 0.006 * share(89, key))::bigint as shares
from seen;

-- One row per platform and day: the followers in the evening.
create table followers as
with moved as (
    select
        day, platforms.*, day_no * 8 + platform_no as key, 3 + draw(91, day_no * 8 + platform_no, 9) as gained, draw(92, day_no * 8 + platform_no, 6) as lost
    from days cross join platforms
)
select
    row_number() over (order by day, platform_no) as reading_no, day, platform, gained, lost,
    (followers + sum(gained - lost) over (partition by platform_no order by day))::bigint as followers
from moved;
