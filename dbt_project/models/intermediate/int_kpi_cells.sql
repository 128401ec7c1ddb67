-- A goal for a member that sold nothing must not vanish with the member's row. Members of a dimension or grain that the
-- KPI does not have are none of its goals.
{{ config(materialized='view') }}
select kpi_id, grain, period, period_start, period_end, dimension, member, numerator, denominator, value
from {{ ref('kpi_values') }}
union all
select
    targets.kpi_id,
    targets.grain,
    periods.period,
    periods.period_start,
    periods.period_end,
    targets.dimension,
    targets.member,
    cast(0 as decimal(18, 4)) as numerator,
    cast(case when catalog.kind in ('ratio', 'average', 'median', 'stock') then 0 end as decimal(18, 4)) as denominator,
    cast(case when catalog.kind in ('additive', 'distinct', 'stock') then 0 end as double) as value
from {{ ref('fct_targets') }} as targets
inner join {{ ref('kpi_catalog') }} as catalog
    on catalog.kpi_id = targets.kpi_id
    and ',' || catalog.grains || ',' like '%,' || targets.grain || ',%'
    and ',' || catalog.dimensions || ',' like '%,' || targets.dimension || ',%'
inner join {{ ref('int_kpi_coverage') }} as coverage on coverage.kpi_id = targets.kpi_id
inner join {{ ref('dim_periods') }} as periods
    on periods.grain = targets.grain and periods.period_start = targets.period_start
    and periods.period_start <= coverage.covered_to and periods.period_end >= coverage.covered_from
left join {{ ref('kpi_values') }} as counted
    on counted.kpi_id = targets.kpi_id and counted.grain = targets.grain and counted.period_start = targets.period_start
    and counted.dimension = targets.dimension and counted.member = targets.member
where counted.kpi_id is null
