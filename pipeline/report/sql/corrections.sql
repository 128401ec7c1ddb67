-- One row per source, entity, rule and column that cleaning changed in the period's deliveries, and field: cells, examples, reason.
with delivered as (
    select l.load_id, l.entity, a.* from ops.loads as l
    inner join asked as a on coalesce(l.first_day, a.period_start) <= a.period_end and coalesce(l.last_day, a.period_end) >= a.period_start
), corrected as (
    select
        d.grain, d.period, d.period_start, d.period_end, c.source, c.entity, c.rule, c.column_name, sum(c.cells)::double as cells, max(c.examples) as examples, max(c.reason) as reason,
        concat_ws('+', c.source, c.entity, c.rule, c.column_name) as member,
        ' from ops.corrections inner join ops.loads using (load_id, source, entity) where source = ' || literal(c.source) || ' and entity = ' || literal(c.entity)
        || ' and rule = ' || literal(c.rule) || ' and column_name is not distinct from ' || coalesce(literal(c.column_name), 'null')
        || ' and coalesce(first_day, date ' || literal(d.period_end::varchar) || ') <= date ' || literal(d.period_end::varchar)
        || ' and coalesce(last_day, date ' || literal(d.period_start::varchar) || ') >= date ' || literal(d.period_start::varchar) as row_query
    from ops.corrections as c
    inner join delivered as d on c.load_id = d.load_id and c.entity = d.entity
    group by all
), fields as (
    select *, unnest([
        {'field': 'cells', 'value': cells, 'text_value': null, 'unit': 'count', 'expression': 'sum(cells)'},
        {'field': 'rule', 'value': null, 'text_value': rule, 'unit': 'text', 'expression': 'max(rule)'},
        {'field': 'column', 'value': null, 'text_value': column_name, 'unit': 'text', 'expression': 'max(column_name)'},
        {'field': 'examples', 'value': null, 'text_value': examples, 'unit': 'json', 'expression': 'max(examples)'},
        {'field': 'reason', 'value': null, 'text_value': reason, 'unit': 'text', 'expression': 'max(ops.corrections.reason)'}
    ], recursive := true)
    from corrected
)
select
    'corrections' as section, grain, period, 'source+entity+rule+column' as dimension, member, field, value, text_value, unit, entity as sources,
    'select ' || expression || row_query as query, period_start as from_day, period_end as to_day
from fields
where coalesce(text_value, value::varchar) is not null
