-- One row per column in which a delivery of the period differs from the one before it, and field; of a refused one while its refusal stands.
with changed as (
    select
        a.grain, a.period, c.file, c.kind, c.column_name, c.detail, c.schema_mode, c.is_accepted,
        concat_ws('+', c.source, c.export, c.load_id, c.kind, c.column_name) as member,
        ' from ops.schema_changes where source = ' || literal(c.source) || ' and export = ' || literal(c.export) || ' and load_id = ' || literal(c.load_id)
        || ' and kind = ' || literal(c.kind) || ' and column_name is not distinct from ' || coalesce(literal(c.column_name), 'null') as row_query
    from ops.schema_changes as c, asked as a
    where exists (
        select 1 from ops.loads as l
        where l.source = c.source and l.export = c.export and (
            (c.is_accepted and l.load_id = c.load_id and coalesce(l.first_day, a.period_start) <= a.period_end and coalesce(l.last_day, a.period_end) >= a.period_start)
            or (not c.is_accepted and l.file = c.file and l.status = 'refused')
        )
    )
), fields as (
    select *, unnest([
        {'field': 'file', 'value': null, 'text_value': file, 'unit': 'text', 'expression': 'max(file)'},
        {'field': 'schema_change', 'value': null, 'text_value': kind, 'unit': 'code', 'expression': 'max(kind)'},
        {'field': 'column', 'value': null, 'text_value': column_name, 'unit': 'text', 'expression': 'max(column_name)'},
        {'field': 'detail', 'value': null, 'text_value': detail, 'unit': 'text', 'expression': 'max(detail)'},
        {'field': 'schema_mode', 'value': null, 'text_value': schema_mode, 'unit': 'code', 'expression': 'max(schema_mode)'},
        {'field': 'is_accepted', 'value': is_accepted::integer::double, 'text_value': null, 'unit': 'boolean', 'expression': 'max(is_accepted::integer)'}
    ], recursive := true)
    from changed
)
select
    'schema' as section, grain, period, 'source+export+delivery+change+column' as dimension, member, field, value, text_value, unit,
    'select ' || expression || row_query as query
from fields
where coalesce(text_value, value::varchar) is not null
