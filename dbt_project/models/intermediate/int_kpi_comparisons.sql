-- A closed cell is compared with the whole earlier period, a running one with the same number of its days: additive KPIs
-- and ratios from their day rows, stocks by the row of that day, other kinds not until the period is closed. An earlier
-- period is compared with only where the coverage holds all of it. A member without a row counted nothing then.
with cells as (
    select
        cells.*,
        catalog.kind,
        catalog.grains,
        catalog.is_summable,
        coverage.covered_from,
        coverage.covered_to,
        cells.period_start >= coverage.covered_from and cells.period_end <= coverage.covered_to as is_closed
    from {{ ref('int_kpi_cells') }} as cells
    inner join {{ ref('kpi_catalog') }} as catalog on catalog.kpi_id = cells.kpi_id
    inner join {{ ref('int_kpi_coverage') }} as coverage on coverage.kpi_id = cells.kpi_id
    where cells.grain <> 'all' and cells.period_start >= coverage.covered_from
),

earlier_periods as (
    select grain, period_start, 'previous' as comparison, previous_period_start as earlier_start from {{ ref('dim_periods') }}
    union all
    select grain, period_start, 'year_ago', year_ago_period_start from {{ ref('dim_periods') }}
),

pairs as (
    select
        cells.*,
        earlier.comparison,
        earlier.earlier_start,
        case
            when cells.is_closed then named.period_end
            else least(named.period_end, {{ date_plus('earlier.earlier_start', dbt.datediff('cells.period_start', 'cells.covered_to', 'day')) }})
        end as earlier_end
    from cells
    inner join earlier_periods as earlier on earlier.grain = cells.grain and earlier.period_start = cells.period_start
    inner join {{ ref('dim_periods') }} as named on named.grain = cells.grain and named.period_start = earlier.earlier_start
    where earlier.earlier_start >= cells.covered_from
),

closed as (
    select
        pairs.kpi_id, pairs.grain, pairs.period_start, pairs.dimension, pairs.member, pairs.comparison,
        case
            when earlier.kpi_id is not null then earlier.value
            when pairs.kind in ('additive', 'stock', 'distinct') then 0
        end as value
    from pairs
    left join {{ ref('int_kpi_cells') }} as earlier
        on earlier.kpi_id = pairs.kpi_id and earlier.grain = pairs.grain and earlier.period_start = pairs.earlier_start
        and earlier.dimension = pairs.dimension and earlier.member = pairs.member
    where pairs.is_closed
),

running as (
    select
        pairs.kpi_id, pairs.grain, pairs.period_start, pairs.dimension, pairs.member, pairs.comparison, pairs.kind,
        sum(days.numerator) as numerator,
        sum(days.denominator) as denominator,
        max(case when days.period_start = pairs.earlier_end then 1 else 0 end) as has_last_day,
        max(case when days.period_start = pairs.earlier_end then days.value end) as last_value
    from pairs
    left join {{ ref('int_kpi_cells') }} as days
        on days.kpi_id = pairs.kpi_id and days.grain = 'day' and days.dimension = pairs.dimension
        and days.member = pairs.member and days.period_start between pairs.earlier_start and pairs.earlier_end
    where not pairs.is_closed and pairs.kind in ('additive', 'ratio', 'stock')
        and (pairs.is_summable or pairs.kind = 'stock') and pairs.grains like '%day%'
    group by 1, 2, 3, 4, 5, 6, 7
),

compared as (
    select kpi_id, grain, period_start, dimension, member, comparison, value from closed
    union all
    select
        kpi_id, grain, period_start, dimension, member, comparison,
        case kind
            when 'additive' then cast(coalesce(numerator, 0) as double)
            when 'ratio' then cast(numerator as double) / nullif(cast(denominator as double), 0)
            else case when has_last_day = 1 then last_value else 0 end
        end
    from running
)

select
    kpi_id,
    grain,
    period_start,
    dimension,
    member,
    max(case when comparison = 'previous' then value end) as previous_value,
    max(case when comparison = 'year_ago' then value end) as year_ago_value
from compared
group by kpi_id, grain, period_start, dimension, member
