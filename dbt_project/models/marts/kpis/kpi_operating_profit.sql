{% set has_costs = "exists (select 1 from " ~ ref('fct_order_lines') ~ " where company_cost is not null)" %}
with base as (
    select
        order_date as day,
        'finance.orders' as entity,
        revenue - coalesce(cost, 0) as numerator
    from {{ ref('int_order_products') }}
    union all
    select
        refund_date as day,
        'finance.refunds' as entity,
        coalesce(restocked_cost, 0) - coalesce(company_amount, 0) as numerator
    from {{ ref('fct_refunds') }}
    where is_counted
    union all
    select
        expense_date as day,
        'finance.expenses' as entity,
        -company_amount as numerator
    from {{ ref('fct_expenses') }}
    where is_operating
)
{{ kpi_cells(by_entity=true, only_if=has_costs) }}
