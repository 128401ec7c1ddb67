with base as (
    select
        runs_from as day,
        product,
        plan_name as plan,
        company_monthly_amount as numerator,
        1 as items
    from {{ ref('fct_subscriptions') }}
    where is_recurring and runs_from is not null
    union all
    select
        runs_until as day,
        product,
        plan_name as plan,
        -company_monthly_amount as numerator,
        -1 as items
    from {{ ref('fct_subscriptions') }}
    where is_recurring and runs_from is not null and runs_until is not null
)
{{ kpi_stock_cells() }}
