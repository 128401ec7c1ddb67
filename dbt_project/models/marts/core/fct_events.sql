select
    events.event_id,
    events.session_id,
    events.event_name,
    events.occurred_at,
    events.event_date,
    events.page,
    events.product_id,
    sessions.user_key,
    sessions.channel,
    sessions.device,
    sessions.country,
    {{ provenance('events') }}
from {{ ref('stg_analytics__events') }} as events
left join {{ ref('fct_sessions') }} as sessions on sessions.session_id = events.session_id
