select
    {{ id_in('account_id') }} as account_id,
    name,
    industry,
    segment,
    country,
    employees,
    annual_revenue,
    {{ id_in('parent_account_id') }} as parent_account_id,
    {{ id_in('owner_id') }} as owner_id,
    created_date,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'crm__accounts') }}
where not coalesce(_is_deleted, false)
