select
    {{ id_in('order_line_id') }} as order_line_id,
    {{ id_in('order_id') }} as order_id,
    {{ id_in('product_id') }} as product_id,
    ordered_at,
    order_date,
    quantity,
    unit_price,
    amount,
    cost,
    currency,
    {{ provenance() }}
from {{ source('clean', 'finance__order_lines') }}
where not coalesce(_is_deleted, false)
