-- One row per source, entity and field of the data's state, seen from the period: days after it do not count.
-- is_covered: it covers every day of the period counted so far.
with state as (
    select
        a.grain, a.period, a.period_start, a.period_end, s.entity as sources, s.status, s.reason, s.stale_since,
        case when s.source is null then 'entity' else 'source+entity' end as dimension, concat_ws('+', s.source, s.entity) as member,
        case when s.covered_from is not null then greatest(s.covered_from, a.period_start) end as covered_from,
        case when s.covered_to is not null then least(s.covered_to, a.period_end) end as covered_to, s.covered_from <= a.period_start and s.covered_to >= least(a.as_of, a.period_end) as is_covered, least(a.as_of, a.period_end) as counted_to,
        ' from ops.source_status where entity = ' || literal(s.entity) || ' and source is not distinct from ' || coalesce(literal(s.source), 'null') as row_query
    from ops.source_status as s, asked as a
), fields as (
    select *, unnest([
        {'field': 'status', 'text_value': status, 'value': null, 'unit': 'code', 'expression': 'status'},
        {'field': 'covered_from', 'text_value': strftime(covered_from, '%Y-%m-%d'), 'value': null, 'unit': 'date',
            'expression': 'strftime(case when covered_from is not null then greatest(covered_from, date ' || literal(period_start::varchar) || ') end, ''%Y-%m-%d'')'},
        {'field': 'covered_to', 'text_value': strftime(covered_to, '%Y-%m-%d'), 'value': null, 'unit': 'date',
            'expression': 'strftime(case when covered_to is not null then least(covered_to, date ' || literal(period_end::varchar) || ') end, ''%Y-%m-%d'')'},
        {'field': 'is_covered', 'text_value': null, 'value': is_covered::integer, 'unit': 'boolean',
            'expression': '(covered_from <= date ' || literal(period_start::varchar) || ' and covered_to >= date ' || literal(counted_to::varchar) || ')::integer'},
        {'field': 'stale_since', 'text_value': strftime(stale_since, '%Y-%m-%d'), 'value': null, 'unit': 'date', 'expression': 'strftime(stale_since, ''%Y-%m-%d'')'},
        {'field': 'reason', 'text_value': reason, 'value': null, 'unit': 'text', 'expression': 'reason'}
    ], recursive := true)
    from state
)
select
    'sources' as section, grain, period, dimension, member, field, value, text_value, unit, status as source_status,
    'select ' || expression || row_query as query, sources, period_start as from_day, period_end as to_day
from fields
where coalesce(text_value, value::varchar) is not null
union all by name
select
    'sources' as section, grain, period, 'all' as dimension, 'all' as member, 'as_of' as field, strftime(least(as_of, period_end), '%Y-%m-%d') as text_value, 'date' as unit,
    'select strftime(least(as_of, date ' || literal(period_end::varchar) || '), ''%Y-%m-%d'') from ops.company' as query
from asked
