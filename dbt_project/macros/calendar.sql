{# 0 to 10^digits - 1, one row each, in a form that every engine has. #}
{% macro integers(digits) -%}
    select {% for place in range(digits) %}{{ 10 ** place }} * d{{ place }}.digit{{ ' + ' if not loop.last }}{% endfor %} as n
    from
        {%- for place in range(digits) %}
        (select 0 as digit{% for digit in range(1, 10) %} union all select {{ digit }}{% endfor %}) as d{{ place }}{{ ' cross join' if not loop.last }}
        {%- endfor %}
{%- endmacro %}

{# Date plus a number of days, months or years, as a date. #}
{% macro date_plus(day, number, part='day') -%}
    cast({{ dbt.dateadd(part, number, day) }} as date)
{%- endmacro %}

{# First day of the week (ISO), month, or the fiscal quarter or year that begins `shift` months after the calendar's. #}
{% macro period_start(part, day, shift='0') -%}
    {%- if part in ['week', 'month'] -%}
        cast(date_trunc('{{ part }}', {{ day }}) as date)
    {%- else -%}
        {%- set shifted = date_plus(day, '-(' ~ shift ~ ')', 'month') -%}
        {{ date_plus("cast(date_trunc('" ~ part ~ "', " ~ shifted ~ ") as date)", shift, 'month') }}
    {%- endif -%}
{%- endmacro %}

{# A whole number as text of two digits. #}
{% macro two_digits(number) -%}
    lpad(cast({{ number }} as string), 2, '0')
{%- endmacro %}
