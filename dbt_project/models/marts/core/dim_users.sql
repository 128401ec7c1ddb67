-- What a user came by is told by the first session ever, not by the latest.
select
    user_key,
    session_id as first_session_id,
    session_date as first_session_date,
    started_at as first_session_at,
    channel,
    device,
    country
from {{ ref('fct_sessions') }}
where is_first_session
