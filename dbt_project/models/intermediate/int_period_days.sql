{% set grains = ['day', 'week', 'month', 'quarter', 'year'] %}
{% for grain in grains %}
select
    date_day as day,
    '{{ grain }}' as grain,
    {{ grain }}_label as period,
    {{ 'date_day' if grain == 'day' else grain ~ '_start' }} as period_start,
    {{ 'date_day' if grain == 'day' else grain ~ '_end' }} as period_end
from {{ ref('dim_dates') }}
{{ 'union all' if not loop.last }}
{% endfor %}
