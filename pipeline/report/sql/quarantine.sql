-- One row per source, entity and rule with rows of the period's deliveries in quarantine, and field: how many, why, the first of them.
with kept_out as (
    select
        a.grain, a.period, a.period_start, a.period_end, q.source, q.entity, q.rule, sum(q.rows)::double as rows, max(q.reason) as reason,
        min(q.file || ':' || q.first_source_row) as first_row, concat_ws('+', q.source, q.entity, q.rule) as member,
        ' from ops.quarantined inner join ops.loads using (load_id, source, export, entity, file) where source = ' || literal(q.source) || ' and entity = ' || literal(q.entity)
        || ' and rule = ' || literal(q.rule) || ' and coalesce(first_day, date ' || literal(a.period_end::varchar) || ') <= date ' || literal(a.period_end::varchar)
        || ' and coalesce(last_day, date ' || literal(a.period_start::varchar) || ') >= date ' || literal(a.period_start::varchar) as row_query
    from ops.quarantined as q
    inner join ops.loads as l on q.load_id = l.load_id and q.source = l.source and q.export = l.export and q.entity = l.entity and q.file = l.file
    inner join asked as a on coalesce(l.first_day, a.period_start) <= a.period_end and coalesce(l.last_day, a.period_end) >= a.period_start
    group by all
), fields as (
    select *, unnest([
        {'field': 'rows', 'value': rows, 'text_value': null, 'unit': 'count', 'expression': 'sum(rows)'},
        {'field': 'rule', 'value': null, 'text_value': rule, 'unit': 'text', 'expression': 'max(rule)'},
        {'field': 'first_row', 'value': null, 'text_value': first_row, 'unit': 'text', 'expression': 'min(file || '':'' || first_source_row)'},
        {'field': 'reason', 'value': null, 'text_value': reason, 'unit': 'text', 'expression': 'max(ops.quarantined.reason)'}
    ], recursive := true)
    from kept_out
)
select
    'quarantine' as section, grain, period, 'source+entity+rule' as dimension, member, field, value, text_value, unit, entity as sources,
    'select ' || expression || row_query as query, period_start as from_day, period_end as to_day
from fields
where coalesce(text_value, value::varchar) is not null
