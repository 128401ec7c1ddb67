-- What the truth needs of the current month's sessions that survive planting: one row per session, and counts of what analytics saw.
-- User keys: persons count up from 1, browsers of nobody known down from -1.
create or replace view good_sessions as
select sessions.* exclude (engaged_seconds), if(endless.row_no is null, engaged_seconds, 990000) as engaged_seconds
from sessions
anti join (select row_no from spoiled where export = 'sessions') as bad on bad.row_no = session_no
left join (select row_no from planted where export = 'sessions' and kind = 'too_long') as endless on endless.row_no = session_no
where is_tracked;
-- A step of the funnel whose event is lost, or names no session, ends it before: steps 2 to 5 of the events export.
insert into visits
with broken as (
    select row_no // 8 as session_no, min(row_no % 8) as step from planted
    where export = 'events' and (outcome = 'quarantined' or kind = 'session_id_missing') and row_no % 8 between 2 and 5 group by all
)
select
    session_no, day, started_local, coalesce(user_no, -visitor_no), coalesce(channel, 'unknown'), device, country, engaged_seconds,
    least(depth - 1, coalesce(step - 2, 4))
from good_sessions left join broken using (session_no);
insert into action_totals
select channel, day >= getvariable('action_day')::date, count(*), count(*) filter (where is_buying), sum(chance::decimal(12, 9))
from good_sessions where channel in ('paid_search', 'organic_search') group by all;
insert into channel_totals
select day, channel, count(*), count(distinct visitor_no), count(*) filter (where is_first), sum(engaged_seconds), count(*) filter (where is_buying)
from sessions where is_tracked group by all;
