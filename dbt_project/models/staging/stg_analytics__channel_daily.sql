select
    session_date,
    channel,
    source,
    campaign,
    device,
    country,
    sessions,
    users,
    new_users,
    engaged_seconds,
    page_views,
    product_view_sessions,
    add_to_cart_sessions,
    checkout_sessions,
    purchase_sessions,
    purchase_amount,
    currency,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'analytics__channel_daily') }}
where not coalesce(_is_deleted, false)
