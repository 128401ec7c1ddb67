select
    {{ id_in('session_id') }} as session_id,
    {{ id_in('user_id') }} as user_id,
    {{ id_in('visitor_id') }} as visitor_id,
    started_at,
    session_date,
    channel,
    source,
    campaign,
    device,
    country,
    landing_page,
    engaged_seconds,
    {{ provenance() }}
from {{ source('clean', 'analytics__sessions') }}
where not coalesce(_is_deleted, false)
