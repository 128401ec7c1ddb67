-- From the entities in the meta of each KPI; the worst status of them is the KPI's. `a|b` is met by either, and all of
-- them that have a load count.
with needed as (
    {% for kpi in kpi_models() -%}
    {%- set is_last_kpi = loop.last -%}
    {%- for either in kpi.entities -%}
    {%- set is_last, place = is_last_kpi and loop.last, loop.index -%}
    {%- for entity in either.split('|') %}
    select {{ text_literal(kpi.kpi_id) }} as kpi_id, {{ place }} as place, '{{ entity }}' as entity{{ ' union all' if not (is_last and loop.last) }}
    {%- endfor %}
    {%- endfor %}
    {%- else %}
    select cast(null as string) as kpi_id, 0 as place, cast(null as string) as entity where false
    {%- endfor %}
),

places as (
    select
        needed.kpi_id,
        needed.place,
        max(coverage.covered_from) as covered_from,
        min(coverage.covered_to) as covered_to,
        count(coverage.entity) as loaded,
        max(case when coverage.status = 'stale' then 1 else 0 end) as is_stale
    from needed
    left join {{ ref('int_entity_coverage') }} as coverage on coverage.entity = needed.entity
    group by needed.kpi_id, needed.place
)

select
    kpi_id,
    case when min(loaded) > 0 then max(covered_from) end as covered_from,
    case when min(loaded) > 0 then min(covered_to) end as covered_to,
    case
        when min(loaded) = 0 then 'no_source'
        when max(is_stale) = 1 then 'stale'
        else 'current'
    end as source_status
from places
group by kpi_id
