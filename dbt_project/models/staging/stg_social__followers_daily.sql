select
    platform,
    account,
    reading_date,
    followers,
    followers_gained,
    followers_lost,
    measured_at,
    {{ provenance() }}
from {{ source('clean', 'social__followers_daily') }}
where not coalesce(_is_deleted, false)
