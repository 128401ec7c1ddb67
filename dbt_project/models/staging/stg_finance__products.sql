select
    {{ id_in('product_id') }} as product_id,
    name,
    category,
    list_price,
    unit_cost,
    currency,
    launched_date,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'finance__products') }}
where not coalesce(_is_deleted, false)
