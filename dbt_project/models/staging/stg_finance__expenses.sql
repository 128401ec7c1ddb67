select
    {{ id_in('expense_id') }} as expense_id,
    expense_date,
    paid_date,
    category,
    area,
    cost_center,
    channel,
    supplier,
    employee,
    net_amount,
    tax,
    amount,
    currency,
    is_operating,
    is_ad_platform,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'finance__expenses') }}
where not coalesce(_is_deleted, false)
