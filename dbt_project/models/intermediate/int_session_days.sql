with ordering_sessions as (
    select distinct session_id
    from {{ ref('fct_orders') }}
    where is_counted
)

select
    sessions.session_date as day,
    sessions.channel,
    sessions.device,
    sessions.country,
    cast(count(*) as bigint) as sessions,
    cast(count(ordering_sessions.session_id) as bigint) as ordering_sessions
from {{ ref('fct_sessions') }} as sessions
left join ordering_sessions on ordering_sessions.session_id = sessions.session_id
group by sessions.session_date, sessions.channel, sessions.device, sessions.country
