-- One row per action open at some day of the period, and field of the planning sheet.
with open_actions as (
    select d.*, a.grain, a.period, ' from marts.dim_actions where action_key = ' || literal(d.action_key) as row_query
    from marts.dim_actions as d
    inner join asked as a on coalesce(d.start_date, a.period_end) <= a.period_end and coalesce(d.end_date, a.period_end) >= a.period_start
    where d.status in ('accepted', 'running') or (d.status in ('done', 'dropped') and d.end_date is not null)
), fields as (
    select *, unnest([
        {'field': 'action_id', 'text_value': action_id, 'unit': 'text', 'expression': 'action_id'},
        {'field': 'title', 'text_value': title, 'unit': 'text', 'expression': 'title'},
        {'field': 'steps', 'text_value': steps, 'unit': 'text', 'expression': 'steps'},
        {'field': 'owner', 'text_value': owner, 'unit': 'text', 'expression': 'owner'},
        {'field': 'priority', 'text_value': priority, 'unit': 'code', 'expression': 'priority'},
        {'field': 'status', 'text_value': status, 'unit': 'code', 'expression': 'status'},
        {'field': 'start_date', 'text_value': strftime(start_date, '%Y-%m-%d'), 'unit': 'date', 'expression': 'strftime(start_date, ''%Y-%m-%d'')'},
        {'field': 'due_date', 'text_value': strftime(due_date, '%Y-%m-%d'), 'unit': 'date', 'expression': 'strftime(due_date, ''%Y-%m-%d'')'},
        {'field': 'end_date', 'text_value': strftime(end_date, '%Y-%m-%d'), 'unit': 'date', 'expression': 'strftime(end_date, ''%Y-%m-%d'')'},
        {'field': 'kpi', 'text_value': kpi_id, 'unit': 'kpi', 'expression': 'kpi_id'},
        {'field': 'expected_effect', 'text_value': expected_effect, 'unit': 'text', 'expression': 'expected_effect'},
        {'field': 'risk', 'text_value': risk, 'unit': 'text', 'expression': 'risk'},
        {'field': 'done_when', 'text_value': done_when, 'unit': 'text', 'expression': 'done_when'}
    ], recursive := true)
    from open_actions
)
select
    'actions' as section, grain, period, 'action' as dimension, action_key as member, field, text_value, unit,
    'select ' || expression || row_query as query, 'planning.actions' as sources
from fields
where text_value is not null
