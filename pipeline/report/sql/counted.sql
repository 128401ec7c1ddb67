-- One row per KPI that counts the period in part, as it runs or a source does not cover it whole, and field: first and last day counted.
with ranges as (
    select c.kpi_id, max(t.covered_from) as covered_from, min(t.covered_to) as covered_to
    from kpis.kpi_catalog as c
    inner join ops.source_status as t on list_contains(string_split(c.sources, ','), t.entity)
    group by c.kpi_id
), covered as (
    select
        s.kpi_id, s.grain, s.period, s.source_status, s.period_start, s.period_end, c.definition_version, c.sources,
        greatest(r.covered_from, s.period_start) as counted_from, least(r.covered_to, a.as_of, s.period_end) as counted_to,
        literal(s.period_start::varchar) as first_day, literal(least(a.as_of, s.period_end)::varchar) as last_day,
        ' from ops.source_status where list_contains(string_split(' || literal(c.sources) || ', '',''), entity)' as row_query
    from kpis.kpi_scorecard as s
    inner join asked as a on s.grain = a.grain and s.period = a.period
    inner join kpis.kpi_catalog as c on s.kpi_id = c.kpi_id
    inner join ranges as r on s.kpi_id = r.kpi_id and r.covered_to is not null
    where s.dimension = 'all' and not s.is_complete
), fields as (
    select *, unnest([
        {'field': 'counted_from', 'day': counted_from, 'expression': 'strftime(greatest(max(covered_from), date ' || first_day || '), ''%Y-%m-%d'')'},
        {'field': 'counted_to', 'day': counted_to, 'expression': 'strftime(least(min(covered_to), date ' || last_day || '), ''%Y-%m-%d'')'}
    ], recursive := true)
    from covered
)
select
    'metrics' as section, kpi_id, grain, period, 'all' as dimension, 'all' as member, field, strftime(day, '%Y-%m-%d') as text_value, 'date' as unit,
    definition_version, source_status, 'select ' || expression || row_query as query, sources, period_start as from_day, period_end as to_day
from fields
where day is not null
