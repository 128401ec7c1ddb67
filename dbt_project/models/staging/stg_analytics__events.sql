select
    {{ id_in('event_id') }} as event_id,
    {{ id_in('session_id') }} as session_id,
    {{ id_in('user_id') }} as user_id,
    {{ id_in('visitor_id') }} as visitor_id,
    event_name,
    occurred_at,
    event_date,
    page,
    {{ id_in('product_id') }} as product_id,
    {{ provenance() }}
from {{ source('clean', 'analytics__events') }}
where not coalesce(_is_deleted, false)
