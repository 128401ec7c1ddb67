select
    followers_daily.platform,
    followers_daily.account,
    followers_daily.reading_date,
    followers_daily.followers,
    followers_daily.followers_gained,
    followers_daily.followers_lost,
    followers_daily.measured_at,
    {{ provenance() }}
from {{ ref('stg_social__followers_daily') }} as followers_daily
