-- The aggregates web analytics shows on its own pages: all visits it saw, whatever became of their rows in the export of sessions.
create table text_channel_daily as
select
    row_number() over (order by day, channel_no) as _no, _no as _sort, visits > 0 as _eligible, null::varchar as _forced, false as _replaces,
    'channel_daily' as _file, null::varchar as _next_file, strftime(day, '%Y-%m-%d') || '/' || coalesce(label, '(not set)') as _key,
    strftime(day, '%Y%m%d') as "date", coalesce(label, '(not set)') as "channelGroup", visits::varchar as "sessions", visitors::varchar as "totalUsers",
    first_visits::varchar as "newUsers", seconds::varchar as "userEngagementDuration", bought::varchar as "purchaseSessions"
from channel_totals inner join channels on channels.channel is not distinct from channel_totals.channel;
