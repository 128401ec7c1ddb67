-- Rows: fact, column and namespace with the number of rows that name something which its own table does not have.
-- A namespace of which nothing was delivered to that table is not asked: its ids lead nowhere, and nobody says otherwise.
{{ config(meta={'severity': 'warn', 'dagster': {'ref': {'name': 'dim_products'}}}) }}
{% set references = [
    ('fct_leads', 'owner_id', 'dim_owners', 'owner_id'),
    ('fct_leads', 'account_id', 'dim_accounts', 'account_id'),
    ('fct_leads', 'opportunity_id', 'fct_opportunities', 'opportunity_id'),
    ('fct_invoices', 'account_id', 'dim_accounts', 'account_id'),
    ('fct_invoices', 'credited_invoice_id', 'fct_invoices', 'invoice_id'),
    ('fct_order_lines', 'product_id', 'dim_products', 'product_id'),
    ('fct_payments', 'invoice_id', 'fct_invoices', 'invoice_id'),
    ('fct_payments', 'order_id', 'fct_orders', 'order_id'),
    ('fct_refunds', 'order_line_id', 'fct_order_lines', 'order_line_id'),
    ('fct_responses', 'account_id', 'dim_accounts', 'account_id'),
    ('fct_responses', 'product_id', 'dim_products', 'product_id'),
    ('fct_responses', 'ticket_id', 'fct_tickets', 'ticket_id'),
    ('fct_subscriptions', 'account_id', 'dim_accounts', 'account_id'),
    ('fct_subscriptions', 'product_id', 'dim_products', 'product_id'),
    ('fct_tickets', 'account_id', 'dim_accounts', 'account_id'),
    ('fct_tickets', 'product_id', 'dim_products', 'product_id'),
] %}
{% for fact, column, named, key in references %}
select '{{ fact }}' as fact, '{{ column }}' as named_by, facts._namespace as namespace, count(*) as lost
from {{ ref(fact) }} as facts
left join {{ ref(named) }} as named on named.{{ key }} = facts.{{ column }}
where facts.{{ column }} is not null and named.{{ key }} is null
    and facts._namespace in (select _namespace from {{ ref(named) }})
group by facts._namespace
{{ 'union all' if not loop.last }}
{% endfor %}
