select
    market,
    period,
    dimension,
    member,
    market_size,
    currency,
    size_unit,
    size_source,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'market__sizes') }}
where not coalesce(_is_deleted, false)
