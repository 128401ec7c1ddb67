select
    date_from,
    date_to,
    kind,
    name,
    dimension,
    member,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'planning__calendar') }}
where not coalesce(_is_deleted, false)
