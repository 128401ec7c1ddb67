select
    order_id,
    cast(sum(quantity) as bigint) as units,
    cast(sum(company_amount) as decimal(18, 4)) as company_amount,
    cast(sum(company_cost) as decimal(18, 4)) as company_cost,
    case when min(product) = max(product) and count(product) = count(*) then min(product) end as only_product
from {{ ref('fct_order_lines') }}
group by order_id
