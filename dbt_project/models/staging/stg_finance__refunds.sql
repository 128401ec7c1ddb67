select
    {{ id_in('refund_id') }} as refund_id,
    {{ id_in('order_id') }} as order_id,
    {{ id_in('order_line_id') }} as order_line_id,
    refunded_at,
    refund_date,
    quantity,
    amount,
    currency,
    is_restocked,
    reason,
    {{ provenance() }}
from {{ source('clean', 'finance__refunds') }}
where not coalesce(_is_deleted, false)
