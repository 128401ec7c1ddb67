select
    product_id,
    name,
    category,
    list_price,
    unit_cost,
    currency,
    launched_date
from {{ ref('stg_finance__products') }}
