{# The columns together are a key: no two rows share them and none is null. #}
{% test key(model, columns) %}
select {{ columns | join(', ') }}, count(*) as copies
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1 or {{ columns | join(' is null or ') }} is null
{% endtest %}

{# The key of every table of KPI cells. #}
{% test kpi_key(model) %}
{{ test_key(model, ['kpi_id', 'grain', 'period_start', 'dimension', 'member']) }}
{% endtest %}
