select
    kpi_id,
    period,
    dimension,
    member,
    target,
    benchmark,
    benchmark_source,
    owner,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'planning__targets') }}
where not coalesce(_is_deleted, false)
