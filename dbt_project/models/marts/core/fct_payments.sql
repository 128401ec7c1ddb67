select
    payments.payment_id,
    payments.order_id,
    payments.invoice_id,
    payments.customer_id,
    payments.status,
    payments.method,
    payments.failure_reason,
    payments.attempted_at,
    payments.attempted_date,
    payments.received_at,
    payments.received_date,
    payments.amount,
    payments.fee,
    payments.net_amount,
    payments.currency,
    payments.is_test,
    payments.status = 'succeeded' and not coalesce(payments.is_test, false)
        and coalesce(payments.received_date <= company.as_of, true) as is_received,
    {{ company_money('payments.amount', 'payments.currency') }} as company_amount,
    {{ provenance('payments') }}
from {{ ref('stg_finance__payments') }} as payments
cross join {{ source('ops', 'company') }} as company
{{ join_rates('payments.currency', 'payments.received_date') }}
