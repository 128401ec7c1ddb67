-- Rows: targets whose period is none of this company's, such as 2014-Q4 where quarters are fiscal, or W53 of a year of 52.
{{ config(meta={'severity': 'warn', 'dagster': {'ref': {'name': 'fct_targets'}}}) }}
select delivered.kpi_id, delivered.period, delivered.dimension, delivered.member
from {{ ref('stg_planning__targets') }} as delivered
left join {{ ref('fct_targets') }} as targets
    on targets.kpi_id = delivered.kpi_id and targets.dimension = delivered.dimension and targets.member = delivered.member
    and targets.period in (delivered.period, replace(delivered.period, 'FY', ''))
where targets.period is null
