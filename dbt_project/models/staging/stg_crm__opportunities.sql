select
    {{ id_in('opportunity_id') }} as opportunity_id,
    {{ id_in('account_id') }} as account_id,
    {{ id_in('owner_id') }} as owner_id,
    product,
    status,
    stage,
    amount,
    currency,
    created_date,
    close_date,
    expected_close_date,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'crm__opportunities') }}
where not coalesce(_is_deleted, false)
