-- One row per session of the current month. Visitors are browsers, persons may have two; a person who registered
-- is known by user_no when signed in. is_tracked: false when a blocker keeps a buyer's visit out of analytics.
create or replace table sessions as
with numbered as (
    select *, unnest(range(sessions)) as k from channel_days where month = getvariable('month')::date
), visits as (
    select
        first_session + k as session_no, day, day_no, hours_behind, is_campaign, channel_no, k >= new_visitors as is_returning,
        case
            when k < new_visitors then first_visitor + k
            else greatest(visitors_before - floor(visitors_before * share(4, first_session + k) * share(5, first_session + k))::bigint, 1)
        end as visitor_no
    from numbered
), people as (
    select
        *,
        case when draw(6, visitor_no, 20) = 0 then greatest(visitor_no - 1 - draw(7, visitor_no, 50), 1) else visitor_no end as person_no,
        case when draw(8, visitor_no, 100) < 55 then 'mobile' when draw(8, visitor_no, 100) < 93 then 'desktop' else 'tablet' end as device
    from visits
), chances as (
    select
        people.*, channel, label, traffic_source,
        conversion * case device when 'desktop' then 1.2 else 0.88 end * case when is_returning then 1.3 else 0.85 end
            * case when is_campaign then 1.15 else 1 end
            + case when channel = 'paid_search' and day >= getvariable('action_day')::date then getvariable('action_effect')::double else 0 end as chance
    from people inner join channels using (channel_no)
), decided as (
    select *, share(9, session_no) < chance as is_buying, share(10, session_no) as depth_share from chances
), sized as (
    select
        *,
        case when is_buying then 5 when depth_share < 0.06 then 4 when depth_share < 0.15 then 3 when depth_share < 0.48 then 2 else 1 end as depth,
        floor((share(11, session_no) + share(12, session_no)) / 2
            * case when day = getvariable('last')::date then 61200 else 68400 end)::bigint + 18000 as second_of_day
    from decided
)
select
    session_no, not is_returning as is_first, day, hours_behind, is_campaign, channel, label, traffic_source, visitor_no, person_no, device, depth, is_buying, chance,
    not is_buying or draw(13, session_no, 1000) >= 12 as is_tracked,
    case when draw(14, person_no, 100) < 45 and (is_buying or draw(15, session_no, 100) < 60) then person_no end as user_no,
    ['United States', 'United States', 'United States', 'United States', 'United States', 'United States', 'Canada', 'Canada',
        'United Kingdom', 'United Kingdom', 'Germany', 'Germany', 'France', 'Australia'][draw(16, person_no, 14) + 1] as country,
    depth * 45 + draw(17, session_no, 240) as engaged_seconds,
    picked(draw(18, session_no, 1000), day_no) as product_no,
    day + second_of_day * interval 1 second as started_local,
    case
        when channel in ('paid_search', 'paid_social') and is_campaign then 'holiday sale'
        when channel in ('paid_search', 'paid_social') then ['brand', 'generic', 'remarketing'][draw(19, session_no, 3) + 1]
        when channel = 'email' then 'newsletter ' || strftime(day, '%Y-%m')
    end as campaign
from sized;

-- Buyers become baskets, whether analytics saw them or not.
insert into baskets
select
    session_no, person_no, false, session_no, is_tracked, day, country,
    started_local + engaged_seconds * interval 1 second, product_no, null,
    case when is_campaign then [10, 15, 20, 0][draw(45, session_no, 4) + 1] else [0, 0, 0, 5, 10][draw(46, session_no, 5) + 1] end
from sessions
where is_buying;
