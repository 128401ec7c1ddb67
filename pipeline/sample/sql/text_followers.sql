-- The readings of followers: one line a day and platform, cells between upright strokes.
create table text_followers as
select
    reading_no as _no, reading_no as _sort, true as _eligible, null::varchar as _forced, false as _replaces, 'followers' as _file,
    null::varchar as _next_file, platform || '/' || day as _key, day::varchar as "Day", platform as "Network", 'Lumo & Nido' as "Page",
    followers::varchar as "Followers", gained::varchar as "New", lost::varchar as "Gone"
from followers;
