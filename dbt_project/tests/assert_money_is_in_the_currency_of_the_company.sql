-- Rows: entity and currency that money KPIs leave out, with the number of rows; there are no exchange rates yet.
{{ config(meta={'severity': 'error', 'dagster': {'ref': {'name': 'fct_orders'}}}) }}
{% set money = {
    'finance.orders': ('fct_orders', 'is_counted and amount is not null'),
    'finance.order_lines': ('fct_order_lines', 'is_counted and amount is not null'),
    'finance.refunds': ('fct_refunds', 'is_counted and amount is not null'),
    'crm.opportunities': ('fct_opportunities', 'amount is not null'),
} %}
{% for entity, (model, counts) in money.items() %}
select '{{ entity }}' as entity, coalesce(currency, 'none') as currency, count(*) as left_out
from {{ ref(model) }}
where {{ counts }} and company_amount is null
group by currency
{{ 'union all' if not loop.last }}
{% endfor %}
