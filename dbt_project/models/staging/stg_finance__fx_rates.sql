select
    base_currency,
    quote_currency,
    rate_date,
    units,
    rate,
    provider,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'finance__fx_rates') }}
where not coalesce(_is_deleted, false)
