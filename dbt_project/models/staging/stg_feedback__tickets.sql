select
    {{ id_in('ticket_id') }} as ticket_id,
    requester,
    {{ id_in('customer_id') }} as customer_id,
    {{ id_in('account_id') }} as account_id,
    {{ id_in('order_id') }} as order_id,
    {{ id_in('product_id') }} as product_id,
    kind,
    category,
    channel,
    priority,
    status,
    team,
    created_at,
    created_date,
    first_replied_at,
    solved_at,
    solved_date,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'feedback__tickets') }}
where not coalesce(_is_deleted, false)
