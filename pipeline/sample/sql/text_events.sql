-- The events export of the current month: every step of the funnel a tracked session reached, and up to two more pages.
create or replace table text_events as
with steps as (
    select * from (values
        (1, 'page_view', 1, 0), (2, 'product_view', 2, 1), (3, 'add_to_cart', 3, 2), (4, 'checkout', 4, 4), (5, 'purchase', 5, 5),
        (6, 'page_view', 1, 1), (7, 'page_view', 1, 3)
    ) as listed (step, event_name, least_depth, fifth)
)
select
    session_no * 8 + step as _no, _no as _sort, step <> 5 as _eligible, null::varchar as _forced, false as _replaces,
    getvariable('file')::varchar as _file, null::varchar as _next_file, 'E' || lpad(_no::varchar, 11, '0') as _key,
    _key as event_key, 'S' || lpad(session_no::varchar, 10, '0') as session_key, 'V' || lpad(visitor_no::varchar, 10, '0') as client_id,
    'L' || lpad(user_no::varchar, 10, '0') as login_id, event_name as event,
    strftime(started_local + (hours_behind * 3600 + engaged_seconds * fifth // 5) * interval 1 second, '%Y-%m-%d %H:%M:%S') as event_time_utc,
    case event_name when 'page_view' then case step when 1 then '/' else '/category/' || step end
        when 'product_view' then '/product/' || product_no when 'add_to_cart' then '/cart' else '/checkout' end as page_path,
    case when step between 2 and 5 then 'P' || lpad(product_no::varchar, 3, '0') end as item_id
from sessions inner join steps on least_depth <= depth
where is_tracked and (step < 6 or (step = 6 and draw(70, session_no, 100) < 35) or (step = 7 and draw(71, session_no, 100) < 15));
