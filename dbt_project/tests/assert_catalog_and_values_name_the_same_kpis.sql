-- Rows: KPIs in the catalog but not in the variable kpi_ids that kpi_values is made of, or the other way round.
{{ config(meta={'severity': 'error', 'dagster': {'ref': {'name': 'kpi_catalog'}}}) }}
with listed as (
    {% for kpi_id in var('kpi_ids') %}
    select '{{ kpi_id }}' as kpi_id {{ 'union all' if not loop.last }}
    {% endfor %}
)

select catalog.kpi_id as only_in_catalog, listed.kpi_id as only_in_values
from {{ ref('kpi_catalog') }} as catalog
full outer join listed on listed.kpi_id = catalog.kpi_id
where catalog.kpi_id is null or listed.kpi_id is null
