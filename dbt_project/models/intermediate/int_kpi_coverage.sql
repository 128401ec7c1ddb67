-- From the entities in the meta of each KPI; the worst status of them is the KPI's.
with needed as (
    {% for kpi in kpi_models() -%}
    {%- set is_last = loop.last -%}
    {%- for entity in kpi.entities %}
    select {{ text_literal(kpi.kpi_id) }} as kpi_id, '{{ entity }}' as entity{{ ' union all' if not (is_last and loop.last) }}
    {%- endfor %}
    {%- else %}
    select cast(null as string) as kpi_id, cast(null as string) as entity where false
    {%- endfor %}
)

select
    needed.kpi_id,
    case when count(*) = count(coverage.entity) then max(coverage.covered_from) end as covered_from,
    case when count(*) = count(coverage.entity) then min(coverage.covered_to) end as covered_to,
    case
        when count(*) > count(coverage.entity) then 'no_source'
        when max(case when coverage.status = 'stale' then 1 else 0 end) = 1 then 'stale'
        else 'current'
    end as source_status
from needed
left join {{ ref('int_entity_coverage') }} as coverage on coverage.entity = needed.entity
group by needed.kpi_id
