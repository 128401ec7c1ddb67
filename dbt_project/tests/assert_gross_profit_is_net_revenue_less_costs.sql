-- Rows: complete months whose gross profit is not net revenue less the cost of what was ordered, but for what was restocked.
-- What was ordered for an unknown amount is in neither.
{{ config(meta={'severity': 'error', 'dagster': {'ref': {'name': 'kpi_gross_profit'}}}) }}
with profits as (
    select
        profit.period_start, profit.period_end, profit.numerator as gross_profit, revenue.numerator as net_revenue
    from {{ ref('kpi_gross_profit') }} as profit
    inner join {{ ref('kpi_net_revenue') }} as revenue
        on revenue.grain = profit.grain and revenue.period_start = profit.period_start and revenue.dimension = 'all'
    inner join {{ ref('int_kpi_coverage') }} as coverage
        on coverage.kpi_id = 'gross_profit' and coverage.covered_from <= profit.period_start
        and coverage.covered_to >= profit.period_end
    where profit.grain = 'month' and profit.dimension = 'all'
),

costs as (
    select order_date as day, cost from {{ ref('int_order_products') }} where revenue is not null
    union all
    select refund_date as day, -restocked_cost as cost from {{ ref('fct_refunds') }} where is_counted
)

select profits.period_start, profits.gross_profit, profits.net_revenue, coalesce(sum(costs.cost), 0) as cost
from profits
left join costs on costs.day between profits.period_start and profits.period_end
group by profits.period_start, profits.gross_profit, profits.net_revenue
having profits.gross_profit <> profits.net_revenue - coalesce(sum(costs.cost), 0)
