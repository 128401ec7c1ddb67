-- The sessions export of the current month, as analytics writes it: all text, UTC stamps, one file per company month.
-- Columns with an underscore are for planting alone: _no a number of the row's own, _eligible whether dirt may hit it.
create or replace table text_sessions as
select
    session_no as _no, session_no as _sort, not is_buying as _eligible, null::varchar as _forced, false as _replaces,
    getvariable('file')::varchar as _file, null::varchar as _next_file, 'S' || lpad(session_no::varchar, 10, '0') as _key,
    _key as session_key, 'V' || lpad(visitor_no::varchar, 10, '0') as client_id, 'L' || lpad(user_no::varchar, 10, '0') as login_id,
    strftime(started_local + hours_behind * interval 1 hour, '%Y-%m-%d %H:%M:%S') as session_start_utc,
    coalesce(label, '(not set)') as channel_group, coalesce(traffic_source, '(not set)') as source, campaign as campaign_name,
    device as device_category, country as geo_country, case when depth > 1 then '/product/' || product_no else '/' end as landing_path,
    engaged_seconds::varchar as engagement_sec
from sessions where is_tracked;
