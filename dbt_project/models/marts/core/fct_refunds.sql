-- A refund of a cancelled or test order takes back money that was never counted, and does not count either.
with refunds as (
    select
        refunds.*,
        orders.order_date,
        orders.channel,
        orders.device,
        orders.country,
        coalesce(orders.is_counted, true) and refunds.refund_date <= company.as_of as is_counted,
        {{ company_money('refunds.amount', 'refunds.currency') }} as company_amount,
        case when refunds.order_line_id is null then totals.only_product else lines.product end as product,
        case when refunds.order_line_id is null then totals.units else lines.quantity end as sold_units,
        case when refunds.order_line_id is null then totals.company_cost else lines.company_cost end as sold_cost
    from {{ ref('stg_finance__refunds') }} as refunds
    cross join {{ source('ops', 'company') }} as company
    {{ join_rates('refunds.currency', 'refunds.refund_date') }}
    left join {{ ref('fct_orders') }} as orders on orders.order_id = refunds.order_id
    left join {{ ref('fct_order_lines') }} as lines on lines.order_line_id = refunds.order_line_id
    left join {{ ref('int_order_totals') }} as totals on totals.order_id = refunds.order_id
)

select
    refund_id,
    order_id,
    order_line_id,
    refunded_at,
    refund_date,
    order_date,
    {{ dbt.datediff('order_date', 'refund_date', 'day') }} as days_to_refund,
    is_counted,
    coalesce(quantity, sold_units) as units,
    amount,
    currency,
    company_amount,
    is_restocked,
    case
        when not coalesce(is_restocked, false) then cast(0 as decimal(18, 4))
        when coalesce(quantity, sold_units) >= sold_units then sold_cost
        else cast(round(cast(sold_cost as double) * quantity / nullif(sold_units, 0), 4) as decimal(18, 4))
    end as restocked_cost,
    reason,
    product,
    channel,
    device,
    country,
    {{ provenance() }}
from refunds
