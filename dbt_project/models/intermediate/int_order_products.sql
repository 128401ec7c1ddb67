-- What an order's lines do not account for stands under no product, so that products add up to the order.
with by_product as (
    select
        order_id,
        product,
        sum(company_amount) as revenue,
        sum(company_cost) as cost,
        sum(quantity) as units
    from {{ ref('fct_order_lines') }}
    group by order_id, product
),

parts as (
    select order_id, product, revenue, cost, units from by_product
    union all
    select
        orders.order_id,
        cast(null as string) as product,
        coalesce(orders.company_amount, 0) - coalesce(totals.company_amount, 0) as revenue,
        0 as cost,
        0 as units
    from {{ ref('fct_orders') }} as orders
    left join {{ ref('int_order_totals') }} as totals on totals.order_id = orders.order_id
    where coalesce(orders.company_amount, 0) <> coalesce(totals.company_amount, 0)
)

select
    orders.order_id,
    orders.order_date,
    orders.channel,
    orders.device,
    orders.country,
    parts.product,
    cast(sum(parts.revenue) as decimal(18, 4)) as revenue,
    cast(sum(parts.cost) as decimal(18, 4)) as cost,
    cast(sum(parts.units) as bigint) as units
from {{ ref('fct_orders') }} as orders
inner join parts on parts.order_id = orders.order_id
where orders.is_counted
group by orders.order_id, orders.order_date, orders.channel, orders.device, orders.country, parts.product
