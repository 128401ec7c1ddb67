-- One row per delivery and entity that stands refused as a whole, and field: its file, why and since when. No row of it is known,
-- so it counts in every period.
with refused as (
    select
        a.grain, a.period, l.source, l.entity, l.file, l.reason, strftime(l.loaded_at, '%Y-%m-%d') as refused_on, concat_ws('+', l.source, l.entity, l.load_id) as member,
        ' from ops.loads where source = ' || literal(l.source) || ' and entity = ' || literal(l.entity) || ' and load_id = ' || literal(l.load_id) as row_query
    from ops.loads as l, asked as a
    where l.status = 'refused'
), fields as (
    select *, unnest([
        {'field': 'file', 'text_value': file, 'unit': 'text', 'expression': 'max(file)'},
        {'field': 'reason', 'text_value': reason, 'unit': 'text', 'expression': 'max(reason)'},
        {'field': 'refused_on', 'text_value': refused_on, 'unit': 'date', 'expression': 'max(strftime(loaded_at, ''%Y-%m-%d''))'}
    ], recursive := true)
    from refused
)
select
    'refusals' as section, grain, period, 'source+entity+delivery' as dimension, member, field, text_value, unit, entity as sources,
    'select ' || expression || row_query as query
from fields
where text_value is not null
