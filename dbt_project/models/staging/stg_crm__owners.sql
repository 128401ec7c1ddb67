select
    {{ id_in('owner_id') }} as owner_id,
    name,
    email,
    team,
    region,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'crm__owners') }}
where not coalesce(_is_deleted, false)
