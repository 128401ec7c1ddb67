-- Rows: periods of an additive KPI where the members of a dimension do not add up to the total.
{{ config(meta={'severity': 'error', 'dagster': {'ref': {'name': 'kpi_values'}}}) }}
with sums as (
    select cells.kpi_id, cells.grain, cells.period, cells.dimension, sum(cells.numerator) as numerator
    from {{ ref('kpi_values') }} as cells
    inner join {{ ref('kpi_catalog') }} as catalog on catalog.kpi_id = cells.kpi_id and catalog.kind = 'additive'
    group by cells.kpi_id, cells.grain, cells.period, cells.dimension
),

dimensions as (
    select distinct kpi_id, dimension from sums where dimension <> 'all'
)

select totals.kpi_id, totals.grain, totals.period, dimensions.dimension, totals.numerator as total, members.numerator as members
from sums as totals
inner join dimensions on dimensions.kpi_id = totals.kpi_id
left join sums as members
    on members.kpi_id = totals.kpi_id and members.grain = totals.grain and members.period = totals.period
    and members.dimension = dimensions.dimension
where totals.dimension = 'all' and coalesce(members.numerator, 0) <> totals.numerator
