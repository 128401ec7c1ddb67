-- One row per source, entity and rule that failed in the period's deliveries, and field: rows, severity, reason, examples.
with failed as (
    select
        a.grain, a.period, a.period_start, a.period_end, c.source, c.entity, c.rule, sum(c.rows_unexpected)::double as rows_unexpected, min(c.severity) as severity,
        max(c.reason) as reason, max(c.examples) as examples, concat_ws('+', c.source, c.entity, c.rule) as member,
        ' from ops.check_results inner join ops.loads using (load_id, source, entity) where not is_success and source = ' || literal(c.source) || ' and entity = ' || literal(c.entity)
        || ' and rule = ' || literal(c.rule) || ' and coalesce(first_day, date ' || literal(a.period_end::varchar) || ') <= date ' || literal(a.period_end::varchar)
        || ' and coalesce(last_day, date ' || literal(a.period_start::varchar) || ') >= date ' || literal(a.period_start::varchar) as row_query
    from ops.check_results as c
    inner join ops.loads as l on c.load_id = l.load_id and c.source = l.source and c.entity = l.entity
    inner join asked as a on coalesce(l.first_day, a.period_start) <= a.period_end and coalesce(l.last_day, a.period_end) >= a.period_start
    where not c.is_success
    group by all
), fields as (
    select *, unnest([
        {'field': 'rows_unexpected', 'value': rows_unexpected, 'text_value': null, 'unit': 'count', 'expression': 'sum(rows_unexpected)'},
        {'field': 'rule', 'value': null, 'text_value': rule, 'unit': 'text', 'expression': 'max(rule)'},
        {'field': 'severity', 'value': null, 'text_value': severity, 'unit': 'code', 'expression': 'min(severity)'},
        {'field': 'reason', 'value': null, 'text_value': reason, 'unit': 'text', 'expression': 'max(ops.check_results.reason)'},
        {'field': 'examples', 'value': null, 'text_value': examples, 'unit': 'json', 'expression': 'max(examples)'}
    ], recursive := true)
    from failed
)
select
    'checks' as section, grain, period, 'source+entity+rule' as dimension, member, field, value, text_value, unit, entity as sources,
    'select ' || expression || row_query as query, period_start as from_day, period_end as to_day
from fields
where coalesce(text_value, value::varchar) is not null
