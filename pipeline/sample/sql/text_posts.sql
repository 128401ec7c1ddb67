-- The posts of all platforms as a tool for publishing hands them out: JSON, one post a line.
create table text_posts as
select
    post_no as _no, post_no as _sort, reach > 50 as _eligible, null::varchar as _forced, false as _replaces, 'posts' as _file,
    null::varchar as _next_file, post_id as _key, post_id as id, platform as network, kind as type, stamp(published_local) as published_at,
    'What fits beside the "Nido" rug? No. ' || post_no || chr(10) || 'New at Lumo & Nido' as caption, is_paid::varchar as paid,
    reach::varchar as reach, impressions::varchar as impressions, reactions::varchar as reactions, comments::varchar as comments,
    shares::varchar as shares, (reactions + comments + shares)::varchar as engagements
from posts;
