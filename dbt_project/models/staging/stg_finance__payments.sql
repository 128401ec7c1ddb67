select
    {{ id_in('payment_id') }} as payment_id,
    {{ id_in('order_id') }} as order_id,
    {{ id_in('invoice_id') }} as invoice_id,
    {{ id_in('customer_id') }} as customer_id,
    payer,
    status,
    method,
    failure_reason,
    attempted_at,
    attempted_date,
    received_at,
    received_date,
    amount,
    fee,
    net_amount,
    currency,
    is_test,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'finance__payments') }}
where not coalesce(_is_deleted, false)
