select
    {{ id_in('note_id') }} as note_key,
    note_id,
    period,
    kind,
    kpi_id,
    problem_id,
    author,
    text,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'planning__notes') }}
where not coalesce(_is_deleted, false)
