with base as (
    select
        expense_date as day,
        category,
        area,
        cost_center,
        company_amount as numerator
    from {{ ref('fct_expenses') }}
    where is_operating
)
{{ kpi_cells() }}
