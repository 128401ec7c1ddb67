select
    lines.order_line_id,
    lines.order_id,
    lines.product_id,
    coalesce(products.name, lines.product_id) as product,
    coalesce(orders.order_date, lines.order_date) as order_date,
    coalesce(orders.is_counted, false) as is_counted,
    lines.quantity,
    lines.unit_price,
    lines.amount,
    lines.cost,
    lines.currency,
    {{ company_money('lines.amount', 'lines.currency') }} as company_amount,
    cast(case
        when lines.cost is not null then {{ company_money('lines.cost', 'lines.currency') }}
        else {{ company_money('lines.quantity * products.unit_cost', 'products.currency', 'cost_rates') }}
    end as decimal(18, 4)) as company_cost,
    {{ provenance('lines') }}
from {{ ref('stg_finance__order_lines') }} as lines
cross join {{ source('ops', 'company') }} as company
left join {{ ref('fct_orders') }} as orders on orders.order_id = lines.order_id
left join {{ ref('dim_products') }} as products on products.product_id = lines.product_id
{{ join_rates('lines.currency', 'coalesce(orders.order_date, lines.order_date)') }}
{{ join_rates('products.currency', 'coalesce(orders.order_date, lines.order_date)', 'cost_rates') }}
