select
    spend_date,
    channel,
    platform,
    campaign_id,
    campaign,
    ad_group_id,
    ad_group,
    country,
    cost,
    currency,
    impressions,
    clicks,
    conversions,
    conversion_amount,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'marketing__spend_daily') }}
where not coalesce(_is_deleted, false)
