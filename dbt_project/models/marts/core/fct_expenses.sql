select
    expenses.expense_id,
    expenses.expense_date,
    expenses.paid_date,
    expenses.category,
    expenses.area,
    expenses.cost_center,
    expenses.channel,
    expenses.supplier,
    expenses.net_amount,
    expenses.tax,
    expenses.amount,
    expenses.currency,
    expenses.is_operating,
    expenses.is_ad_platform,
    {{ company_money('expenses.amount', 'expenses.currency') }} as company_amount,
    {{ provenance('expenses') }}
from {{ ref('stg_finance__expenses') }} as expenses
cross join {{ source('ops', 'company') }} as company
{{ join_rates('expenses.currency', 'expenses.expense_date') }}
