-- One row per comparison of two systems, or of a delivery that does not agree, and field; of a comparison by month the first month that
-- differs; agreeing deliveries are counted. uncompared: why there was nothing to compare.
with compared as (
    select
        r.*, m.check_id as month_id, m.period as first_month, m.left_value as first_left, m.right_value as first_right,
        ' from ops.reconciliation where check_id = ' || literal(r.check_id) as row_query,
        ' from ops.reconciliation where check_id = ' || literal(m.check_id) as month_query
    from ops.reconciliation as r
    left join ops.reconciliation as m on m.kind = 'cross_system_month' and not m.is_within and m.check_id = r.check_id || '/' || m.period
    where r.kind = 'cross_system' or (r.kind = 'delivery' and not r.is_within)
    qualify row_number() over (partition by r.check_id order by m.period) = 1
), fields as (
    select check_id, row_query, month_query, unnest([
        {'field': 'left_label', 'value': null, 'text_value': left_label, 'unit': 'text', 'column': 'left_label'},
        {'field': 'right_label', 'value': null, 'text_value': right_label, 'unit': 'text', 'column': 'right_label'},
        {'field': 'left_value', 'value': left_value::double, 'text_value': null, 'unit': 'number', 'column': 'left_value'},
        {'field': 'right_value', 'value': right_value::double, 'text_value': null, 'unit': 'number', 'column': 'right_value'},
        {'field': 'difference', 'value': difference::double, 'text_value': null, 'unit': 'number', 'column': 'difference'},
        {'field': 'tolerance', 'value': tolerance::double, 'text_value': null, 'unit': 'number', 'column': 'tolerance'},
        {'field': 'is_within', 'value': is_within::integer::double, 'text_value': null, 'unit': 'boolean', 'column': 'is_within::integer'},
        {'field': 'first_day', 'value': null, 'text_value': strftime(first_day, '%Y-%m-%d'), 'unit': 'date', 'column': 'strftime(first_day, ''%Y-%m-%d'')'},
        {'field': 'last_day', 'value': null, 'text_value': strftime(last_day, '%Y-%m-%d'), 'unit': 'date', 'column': 'strftime(last_day, ''%Y-%m-%d'')'},
        {'field': 'uncompared', 'value': null, 'text_value': case when kind <> 'delivery' then detail end, 'unit': 'code', 'column': 'detail'},
        {'field': 'detail', 'value': null, 'text_value': case when kind = 'delivery' then detail end, 'unit': 'text', 'column': 'detail'},
        {'field': 'reason', 'value': null, 'text_value': reason, 'unit': 'text', 'column': 'reason'},
        {'field': 'first_month', 'value': null, 'text_value': first_month, 'unit': 'period', 'column': 'period'},
        {'field': 'first_left', 'value': first_left::double, 'text_value': null, 'unit': 'number', 'column': 'left_value'},
        {'field': 'first_right', 'value': first_right::double, 'text_value': null, 'unit': 'number', 'column': 'right_value'}
    ], recursive := true)
    from compared
)
select
    'reconciliation' as section, a.grain, a.period, 'check' as dimension, check_id as member, field, value, text_value, unit,
    'select ' || "column" || (case when field in ('first_month', 'first_left', 'first_right') then month_query else row_query end) as query
from fields, asked as a
where coalesce(text_value, value::varchar) is not null
union all by name
select
    'reconciliation' as section, any_value(a.grain) as grain, any_value(a.period) as period, 'all' as dimension, 'all' as member, 'deliveries_agreeing' as field,
    count(*)::double as value, 'count' as unit, 'select count(*) from ops.reconciliation where kind = ''delivery'' and is_within' as query
from ops.reconciliation as r, asked as a
where r.kind = 'delivery' and r.is_within
having count(*) > 0
