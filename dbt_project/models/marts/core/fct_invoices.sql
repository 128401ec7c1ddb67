select
    invoices.invoice_id,
    invoices.invoice_number,
    invoices.kind,
    invoices.credited_invoice_id,
    invoices.customer_id,
    invoices.account_id,
    invoices.order_id,
    invoices.subscription_id,
    invoices.status,
    invoices.issued_date,
    invoices.due_date,
    invoices.paid_date,
    invoices.voided_date,
    invoices.subtotal,
    invoices.tax,
    invoices.amount,
    invoices.amount_paid,
    invoices.currency,
    invoices.status <> 'draft' and invoices.issued_date <= company.as_of as is_issued,
    {{ company_money('invoices.amount', 'invoices.currency') }} as company_amount,
    {{ company_money('invoices.amount_paid', 'invoices.currency') }} as company_amount_paid,
    {{ provenance('invoices') }}
from {{ ref('stg_finance__invoices') }} as invoices
cross join {{ source('ops', 'company') }} as company
{{ join_rates('invoices.currency', 'invoices.issued_date') }}
