with sessions as (
    select *, coalesce(user_id, visitor_id) as user_key
    from {{ ref('stg_analytics__sessions') }}
)

select
    session_id,
    user_key,
    user_id,
    visitor_id,
    started_at,
    session_date,
    channel,
    source,
    campaign,
    device,
    country,
    landing_page,
    engaged_seconds,
    user_key is not null and row_number() over (
        partition by user_key order by session_date nulls last, started_at nulls last, session_id nulls last
    ) = 1 as is_first_session,
    {{ provenance() }}
from sessions
