-- Rows: entity and currency that money KPIs leave out because no exchange rate of their day is known, with the number of rows.
{{ config(meta={'severity': 'error', 'dagster': {'ref': {'name': 'fct_orders'}}}) }}
{% set money = {
    'crm.opportunities': ('fct_opportunities', 'amount is not null', 'company_amount'),
    'finance.expenses': ('fct_expenses', 'is_operating', 'company_amount'),
    'finance.invoices': ('fct_invoices', 'is_issued', 'company_amount'),
    'finance.order_lines': ('fct_order_lines', 'is_counted and amount is not null', 'company_amount'),
    'finance.orders': ('fct_orders', 'is_counted and amount is not null', 'company_amount'),
    'finance.payments': ('fct_payments', 'is_received', 'company_amount'),
    'finance.refunds': ('fct_refunds', 'is_counted and amount is not null', 'company_amount'),
    'finance.subscriptions': ('fct_subscriptions', 'is_recurring', 'company_monthly_amount'),
    'marketing.spend_daily': ('fct_spend_daily', 'cost is not null', 'company_cost'),
} %}
{% for entity, (model, counts, amount) in money.items() %}
select '{{ entity }}' as entity, coalesce(currency, 'none') as currency, count(*) as left_out
from {{ ref(model) }}
where {{ counts }} and {{ amount }} is null
group by currency
{{ 'union all' if not loop.last }}
{% endfor %}
