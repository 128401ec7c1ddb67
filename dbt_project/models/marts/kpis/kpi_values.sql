{% for kpi_id in var('kpi_ids') %}
select kpi_id, grain, period, period_start, period_end, dimension, member, numerator, denominator, value
from {{ ref('kpi_' ~ kpi_id) }}
{{ 'union all' if not loop.last }}
{% endfor %}
