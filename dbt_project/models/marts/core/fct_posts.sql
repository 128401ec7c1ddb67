select
    posts.post_id,
    posts.platform,
    posts.account,
    posts.kind,
    posts.title,
    posts.post_url,
    posts.campaign,
    posts.is_paid,
    posts.published_at,
    posts.published_date,
    posts.reach,
    posts.impressions,
    posts.reactions,
    posts.comments,
    posts.shares,
    posts.engagements,
    posts.clicks,
    posts.video_views,
    posts.engaged_users,
    posts.measured_at,
    case
        when reactions is null and comments is null and shares is null then engagements
        else coalesce(reactions, 0) + coalesce(comments, 0) + coalesce(shares, 0)
    end as interactions,
    {{ provenance() }}
from {{ ref('stg_social__posts') }} as posts
