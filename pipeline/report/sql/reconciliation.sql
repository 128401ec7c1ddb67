-- One row per comparison of two systems, or of a delivery that does not agree, and field; agreeing deliveries are counted.
with compared as (
    select *, ' from ops.reconciliation where check_id = ' || literal(check_id) as row_query
    from ops.reconciliation
    where kind = 'cross_system' or not is_within
), fields as (
    select check_id, row_query, unnest([
        {'field': 'left_label', 'value': null, 'text_value': left_label, 'unit': 'text'}, {'field': 'right_label', 'value': null, 'text_value': right_label, 'unit': 'text'},
        {'field': 'left_value', 'value': left_value::double, 'text_value': null, 'unit': 'number'}, {'field': 'right_value', 'value': right_value::double, 'text_value': null, 'unit': 'number'},
        {'field': 'difference', 'value': difference::double, 'text_value': null, 'unit': 'number'}, {'field': 'tolerance', 'value': tolerance::double, 'text_value': null, 'unit': 'number'},
        {'field': 'is_within', 'value': is_within::integer::double, 'text_value': null, 'unit': 'boolean'}, {'field': 'detail', 'value': null, 'text_value': detail, 'unit': 'text'}
    ], recursive := true)
    from compared
)
select
    'reconciliation' as section, a.grain, a.period, 'check' as dimension, check_id as member, field, value, text_value, unit,
    'select ' || field || (case when unit = 'boolean' then '::integer' else '' end) || row_query as query
from fields, asked as a
where coalesce(text_value, value::varchar) is not null
union all by name
select
    'reconciliation' as section, any_value(a.grain) as grain, any_value(a.period) as period, 'all' as dimension, 'all' as member, 'deliveries_agreeing' as field,
    count(*)::double as value, 'count' as unit, 'select count(*) from ops.reconciliation where kind = ''delivery'' and is_within' as query
from ops.reconciliation as r, asked as a
where r.kind = 'delivery' and r.is_within
having count(*) > 0
