{#
CTE cells of a KPI that int_user_activity counts: its grains and dimensions, `columns` being SQL that names them numerator
(and denominator). Write it right after with:  with cells as ({{ '{{' }} user_activity('users as numerator') {{ '}}' }})
#}
{% macro user_activity(columns, where=none) -%}
    {%- set activity, meta = ref('int_user_activity'), kpi_meta() -%}
    select grain, period, period_start, period_end, dimension, member, {{ columns }}
    from {{ activity }}
    where grain in ('{{ meta.grains | join("', '") }}') and dimension in ('{{ (['all'] + meta.get('dimensions', [])) | join("', '") }}')
        {%- if where %} and {{ where }}{% endif %}
{%- endmacro %}

{# Users who were there, or are there now, on a day of sessions that changed. Like changed_days(), named outside of is_incremental(). #}
{% macro changed_user_keys() -%}
    select user_key from {{ ref('int_changed_users') }}
    union
    select user_key from {{ ref('int_user_days') }} where day in ({{ changed_days(['analytics.sessions']) }})
{%- endmacro %}
