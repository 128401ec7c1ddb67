-- What reduces an invoice counts at the rate of the day the invoice was issued, so that a paid one owes nothing, and not
-- before that day. What the source itself says was paid counts only where no payment of the invoice is known.
with invoices as (
    select
        invoices.invoice_id,
        invoices.issued_date,
        invoices.paid_date,
        invoices.amount_paid,
        invoices.currency,
        invoices.company_amount,
        case
            when invoices.voided_date <= coverage.covered_to then greatest(invoices.voided_date, invoices.issued_date)
        end as voided_date
    from {{ ref('fct_invoices') }} as invoices
    left join {{ ref('int_entity_coverage') }} as coverage on coverage.entity = 'finance.invoices'
    where invoices.kind = 'invoice' and invoices.is_issued
),

credits as (
    select * from {{ ref('fct_invoices') }} where kind = 'credit_note' and is_issued and status <> 'void'
),

payments as (
    select * from {{ ref('fct_payments') }} where is_received and invoice_id is not null
),

reductions as (
    select invoice_id, received_date as day, amount, currency from payments
    union all
    select invoices.invoice_id, invoices.paid_date, invoices.amount_paid, invoices.currency
    from invoices
    left join (select distinct invoice_id from payments) as known on known.invoice_id = invoices.invoice_id
    where known.invoice_id is null and invoices.amount_paid <> 0
    union all
    select credited_invoice_id, issued_date, amount, currency from credits where credited_invoice_id is not null
),

-- Voiding takes all that is left, and so what was paid on no known day came before it
reduced as (
    select
        invoices.invoice_id,
        case
            when reductions.day < invoices.issued_date then invoices.issued_date
            else coalesce(reductions.day, invoices.voided_date)
        end as day,
        -{{ company_money('reductions.amount', 'reductions.currency') }} as amount
    from reductions
    inner join invoices on invoices.invoice_id = reductions.invoice_id
    cross join {{ source('ops', 'company') }} as company
    {{ join_rates('reductions.currency', 'invoices.issued_date') }}
    where invoices.company_amount is not null
),

moves as (
    select invoice_id, issued_date as day, company_amount as amount from invoices
    union all
    select invoice_id, day, amount from reduced
    union all
    select invoices.invoice_id, invoices.voided_date, -(invoices.company_amount + coalesce(sum(reduced.amount), 0))
    from invoices
    left join reduced on reduced.invoice_id = invoices.invoice_id and reduced.day <= invoices.voided_date
    where invoices.voided_date is not null
    group by invoices.invoice_id, invoices.voided_date, invoices.company_amount
),

days as (
    select invoice_id, day, cast(sum(amount) as decimal(18, 4)) as amount
    from moves
    group by invoice_id, day
),

balances as (
    select
        *,
        sum(amount) over (partition by invoice_id order by day nulls last) as balance,
        coalesce(sum(amount) over (
            partition by invoice_id order by day nulls last rows between unbounded preceding and 1 preceding
        ), 0) as balance_before,
        row_number() over (partition by invoice_id order by day nulls last) as position
    from days
)

-- Less than a thousandth is what rounding leaves of an invoice paid in parts
select
    invoice_id,
    day,
    amount,
    case
        when amount is null then case when position = 1 then 1 else 0 end
        else case when abs(balance) >= 0.001 then 1 else 0 end - case when abs(balance_before) >= 0.001 then 1 else 0 end
    end as opened
from balances
union all
select invoice_id, issued_date, -company_amount, 0
from credits
where credited_invoice_id is null
