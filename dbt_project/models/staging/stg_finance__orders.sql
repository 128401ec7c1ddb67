select
    {{ id_in('order_id') }} as order_id,
    {{ id_in('customer_id') }} as customer_id,
    {{ id_in('session_id') }} as session_id,
    status,
    is_test,
    ordered_at,
    order_date,
    amount,
    currency,
    country,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'finance__orders') }}
where not coalesce(_is_deleted, false)
