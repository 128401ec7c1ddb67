-- One row per note of the period and field of the planning sheet.
with written as (
    select n.*, a.grain, ' from marts.dim_notes where note_key = ' || literal(n.note_key) as row_query
    from marts.dim_notes as n
    inner join asked as a on n.period = a.period
), fields as (
    select *, unnest([
        {'field': 'kind', 'text_value': kind, 'unit': 'code', 'expression': 'kind'},
        {'field': 'author', 'text_value': author, 'unit': 'text', 'expression': 'author'},
        {'field': 'note', 'text_value': text, 'unit': 'text', 'expression': 'text'},
        {'field': 'kpi', 'text_value': kpi_id, 'unit': 'kpi', 'expression': 'kpi_id'}
    ], recursive := true)
    from written
)
select
    'notes' as section, grain, period, 'note' as dimension, note_key as member, field, text_value, unit,
    'select ' || expression || row_query as query, 'planning.notes' as sources
from fields
where text_value is not null
