with {{ kpi_periods() }},

sizes as (
    select
        periods.grain, periods.period, periods.period_start, periods.period_end, sizes.dimension, sizes.member,
        coalesce(sum({{ company_money('sizes.market_size', 'sizes.currency') }}), 0) as market_size
    from {{ ref('stg_market__sizes') }} as sizes
    cross join {{ source('ops', 'company') }} as company
    inner join periods
        on periods.period = case when company.fiscal_year_start = 1 then replace(sizes.period, 'FY', '') else sizes.period end
    {{ join_rates('sizes.currency', 'periods.last_day') }}
    group by 1, 2, 3, 4, 5, 6
),

cells as (
    select
        sizes.grain, sizes.period, sizes.period_start, sizes.period_end, sizes.dimension, sizes.member,
        coalesce(revenue.numerator, 0) as numerator,
        sizes.market_size as denominator
    from sizes
    left join {{ ref('kpi_net_revenue') }} as revenue
        on revenue.grain = sizes.grain and revenue.period_start = sizes.period_start
        and revenue.dimension = sizes.dimension and revenue.member = sizes.member
    where sizes.dimension in ('all', '{{ kpi_meta().dimensions | join("', '") }}')
)

select
    {{ kpi_columns(kpi_meta(), 'cast(numerator as double) / nullif(cast(denominator as double), 0)') }}
from cells
