-- Orders are few beside sessions: theirs are looked up, all others only counted.
with ordering_sessions as (
    select distinct session_id
    from {{ ref('fct_orders') }}
    where is_counted and session_id is not null
),

counted as (
    select
        sessions.session_date as day, sessions.channel, sessions.device, sessions.country,
        0 as sessions, 1 as ordering_sessions
    from ordering_sessions
    inner join {{ ref('fct_sessions') }} as sessions on sessions.session_id = ordering_sessions.session_id
    union all
    select day, channel, device, country, sessions, 0 from {{ ref('int_user_days') }}
)

select
    day,
    channel,
    device,
    country,
    cast(sum(sessions) as bigint) as sessions,
    cast(sum(ordering_sessions) as bigint) as ordering_sessions
from counted
group by day, channel, device, country
