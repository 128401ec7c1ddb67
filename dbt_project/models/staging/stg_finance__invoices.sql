select
    {{ id_in('invoice_id') }} as invoice_id,
    invoice_number,
    kind,
    {{ id_in('credited_invoice_id') }} as credited_invoice_id,
    {{ id_in('customer_id') }} as customer_id,
    {{ id_in('account_id') }} as account_id,
    {{ id_in('order_id') }} as order_id,
    {{ id_in('subscription_id') }} as subscription_id,
    status,
    issued_date,
    due_date,
    paid_date,
    voided_date,
    subtotal,
    tax,
    amount,
    amount_paid,
    currency,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'finance__invoices') }}
where not coalesce(_is_deleted, false)
