select
    {{ id_in('lead_id') }} as lead_id,
    email,
    company_name,
    industry,
    country,
    channel,
    source,
    campaign,
    status,
    score,
    {{ id_in('owner_id') }} as owner_id,
    {{ id_in('opportunity_id') }} as opportunity_id,
    {{ id_in('account_id') }} as account_id,
    {{ id_in('customer_id') }} as customer_id,
    created_at,
    created_date,
    converted_at,
    converted_date,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'crm__leads') }}
where not coalesce(_is_deleted, false)
