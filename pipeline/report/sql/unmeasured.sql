-- One row per KPI that has no value for the period, and one per reason's detail: why, and which entities have no source.
with missing as (
    select
        c.kpi_id, c.sources, c.definition_version, a.grain, a.period, s.kpi_id is not null as has_row, list_contains(string_split(c.grains, ','), a.grain) as has_grain,
        (select string_agg(distinct entity, ', ' order by entity) from ops.source_status where status = 'no_source' and list_contains(string_split(c.sources, ','), entity)) as entities
    from kpis.kpi_catalog as c
    cross join asked as a
    left join kpis.kpi_scorecard as s on c.kpi_id = s.kpi_id and s.grain = a.grain and s.period = a.period and s.dimension = 'all'
    where s.value is null
)
select
    'unmeasured' as section, kpi_id, grain, period, 'all' as dimension, 'all' as member, 'reason' as field, 'code' as unit, sources, definition_version,
    case when not has_grain then 'no_grain' when entities is not null then 'no_source' when has_row then 'no_value' else 'not_covered' end as text_value,
    case when not has_grain then 'select case when not list_contains(string_split(grains, '',''), ' || literal(grain) || ') then ''no_grain'' end from kpis.kpi_catalog where kpi_id = ' || literal(kpi_id)
    when entities is not null then 'select distinct status from ops.source_status where status = ''no_source'' and list_contains(string_split(' || literal(sources) || ', '',''), entity)'
    else 'select case when count(*) = 0 then ''not_covered'' when max(value) is null then ''no_value'' end from kpis.kpi_scorecard where kpi_id = ' || literal(kpi_id)
        || ' and grain = ' || literal(grain) || ' and period = ' || literal(period) || ' and dimension = ''all''' end as query,
    case when entities is null then 'current' else 'no_source' end as source_status
from missing
union all by name
select
    'unmeasured' as section, kpi_id, grain, period, 'all' as dimension, 'all' as member, 'entities' as field, 'text' as unit, sources, definition_version,
    entities as text_value,
    'select string_agg(distinct entity, '', '' order by entity) from ops.source_status where status = ''no_source'' and list_contains(string_split('
    || literal(sources) || ', '',''), entity)' as query,
    'no_source' as source_status
from missing
where entities is not null
