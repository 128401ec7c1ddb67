-- What the truth needs of the current month's sessions that survive planting: counts, and one row per user and month.
-- User keys: persons count up from 1, browsers of nobody known down from -1.
create or replace view good_sessions as
select sessions.* from sessions
anti join (select row_no from spoiled where export = 'sessions') as bad on bad.row_no = session_no
where is_tracked;
insert into day_totals select min(day), 'sessions', count(*) from good_sessions having count(*) > 0;
insert into active_users
select (select min(day) from good_sessions), user_key from (select distinct coalesce(user_no, -visitor_no) as user_key from good_sessions);
insert into action_totals
select channel, day >= getvariable('action_day')::date, count(*), count(*) filter (where is_buying), sum(chance::decimal(12, 9))
from good_sessions where channel in ('paid_search', 'organic_search') group by all;
insert into channel_totals
select day, channel, count(*), count(distinct visitor_no), count(*) filter (where is_first), sum(engaged_seconds), count(*) filter (where is_buying)
from sessions where is_tracked group by all;
