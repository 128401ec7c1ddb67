select
    session_date as day,
    user_key,
    channel,
    device,
    country,
    cast(count(*) as bigint) as sessions,
    cast(sum(engaged_seconds) as decimal(18, 4)) as engaged_seconds
from {{ ref('fct_sessions') }}
group by session_date, user_key, channel, device, country
