select
    {{ id_in('post_id') }} as post_id,
    platform,
    account,
    kind,
    title,
    post_url,
    campaign,
    is_paid,
    published_at,
    published_date,
    reach,
    impressions,
    reactions,
    comments,
    shares,
    engagements,
    clicks,
    video_views,
    engaged_users,
    measured_at,
    {{ provenance() }}
from {{ source('clean', 'social__posts') }}
where not coalesce(_is_deleted, false)
