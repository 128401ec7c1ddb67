select
    note_key,
    note_id,
    period,
    kind,
    kpi_id,
    problem_id,
    author,
    text,
    updated_at
from {{ ref('stg_planning__notes') }}
