{#
The columns together are a key: no two rows share them and none is null. `changed` (column: the business date, entities)
is for tables that follow changed days: keys of rows of those days alone are looked for, in the whole table.
#}
{% test key(model, columns, changed=none) %}
{#- outside of the condition, so that dbt knows what the test reads however it was parsed #}
{%- set days = changed_days(changed.entities) if changed %}
select {{ columns | join(', ') }}, count(*) as copies
from {{ model }}
{%- if changed and not flags.FULL_REFRESH %}
where ({{ columns | join(', ') }}) in (
    select {{ columns | join(', ') }} from {{ model }} where {{ changed.column }} in ({{ days }})
) or {{ columns | join(' is null or ') }} is null
{%- endif %}
group by {{ columns | join(', ') }}
having count(*) > 1 or {{ columns | join(' is null or ') }} is null
{% endtest %}

{# The key of every table of KPI cells. #}
{% test kpi_key(model) %}
{{ test_key(model, ['kpi_id', 'grain', 'period_start', 'dimension', 'member']) }}
{% endtest %}
