-- Answers on a scale of five: how many, how many of them pleased and displeased, their stars; and whether customers would recommend.
insert into facts
with members as (
    select day, kind = 'NPS' as is_nps, score, unnest([
        of_total(), member_of('survey', survey), member_of('channel', lower(way)), member_of('product', null)
    ], recursive := true)
    from good_responses
), counted as (
    select
        day, dimension, member, nullif(count(*) filter (where not is_nps), 0) as answers,
        nullif(count(*) filter (where not is_nps and score >= 4), 0) as pleased,
        nullif(count(*) filter (where not is_nps and score <= 2), 0) as displeased, sum(score) filter (where not is_nps) as stars,
        nullif(count(*) filter (where is_nps), 0) as nps_answers, nullif(count(*) filter (where is_nps and score >= 9), 0) as promoters,
        nullif(count(*) filter (where is_nps and score <= 6), 0) as detractors
    from members group by all
)
select measure, day, dimension, member, total
from (unpivot counted on answers, pleased, displeased, stars, nps_answers, promoters, detractors into name measure value total);

-- One row per ticket that survives and member.
create table tickets_seen as
select
    *, unnest([
        of_total(), member_of('channel', ['email', 'web', 'chat', 'phone'][list_position(['Email', 'Web form', 'Live chat', 'Telephone'], way)]),
        member_of('category', category), member_of('priority', priority), member_of('team', null), member_of('product', null)
    ], recursive := true)
from good_tickets;
insert into facts
select 'tickets', day, dimension, member, count(*) from tickets_seen group by all;

-- Hours a ticket waited for its first answer and for its solution: the middle one of a period.
create table medians as
with waits as (
    select 'first_response_time' as kpi_id, day, dimension, member, reply_seconds as seconds from tickets_seen where is_replied
    union all
    select 'resolution_time', solved_date, dimension, member, reply_seconds + work_seconds from tickets_seen where is_solved
)
select kpi_id, grain, period, dimension, member, count(*) as waits, round(median(seconds / 3600.0), 6) as hours
from waits inner join day_periods using (day) where dimension = 'all' or is_long group by all;

insert into facts
with members as (
    select *, unnest([
        of_total(), member_of('platform', platform), member_of('account', null), member_of('kind', kind), member_of('campaign', null)
    ], recursive := true)
    from good_posts
), counted as (
    select day, dimension, member, sum(reach) as reach, sum(impressions) as impressions, sum(reactions + comments + shares) as engagements
    from members group by all
)
select measure, day, dimension, member, total from (unpivot counted on reach, impressions, engagements into name measure value total);

-- Followers at the end of the day before a period and at its own end: the last reading, of the week to that day (in grain day of two days).
insert into measures
with readings as (
    select day, platform, followers from followers anti join lost('followers') as bad on bad.row_no = reading_no
), ends as (
    select periods.*, unnest([{'is_end': false, 'at_day': period_start - 1}, {'is_end': true, 'at_day': last_day}], recursive := true)
    from periods where grain <> 'all'
), read as (
    select grain, period, is_long, platform, is_end, arg_max(followers, day) as followers
    from ends inner join readings on day between at_day - if(grain = 'day', 1, 7) and at_day group by all
), both_ends as (
    select grain, period, is_long, platform, at_start.followers as followers_before, at_end.followers - at_start.followers as followers_gained
    from (select * from read where not is_end) as at_start
    inner join (select grain, period, platform, followers from read where is_end) as at_end using (grain, period, platform)
), members as (
    select *, unnest(of_two('platform', platform, 'account', 'Lumo & Nido'), recursive := true) from both_ends
), counted as (
    select grain, period, dimension, member, sum(followers_before) as followers_before, sum(followers_gained) as followers_gained
    from members where dimension = 'all' or is_long group by all
)
select measure, grain, period, dimension, member, total
from (unpivot counted on followers_before, followers_gained into name measure value total);
