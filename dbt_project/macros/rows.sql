{# An id that is unique across namespaces; null stays null. #}
{% macro id_in(id, namespace='_namespace') -%}
    {{ namespace }} || ':' || {{ id }}
{%- endmacro %}

{# The columns that lead from a row back to the delivered file. #}
{% macro provenance(relation=none) -%}
    {%- for column in ['_namespace', '_source', '_export', '_load_id', '_row_id', '_source_file', '_source_row', '_filled'] -%}
        {{ relation ~ '.' if relation }}{{ column }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# Money in the company's currency at the rate of the row's own day, to four decimals; null where there is no rate. #}
{% macro company_money(amount, currency, rates='rates') -%}
    case
        when {{ currency }} = company.currency then {{ amount }}
        else cast(round(cast({{ amount }} as double) * {{ rates }}.rate, 4) as decimal(18, 4))
    end
{%- endmacro %}

{# Joins the rate of a currency on a day, for company_money(). #}
{% macro join_rates(currency, day, rates='rates') -%}
    left join {{ ref('int_fx_rates') }} as {{ rates }}
        on {{ rates }}.currency = {{ currency }} and {{ day }} between {{ rates }}.valid_from and {{ rates }}.valid_to
{%- endmacro %}

{# What an amount per bill is per month: a year is twelve months, 52 weeks or 365 days. #}
{% macro monthly(amount) -%}
    cast({{ amount }} as double) / nullif(interval_count, 0)
    * case billing_interval when 'year' then 1 when 'month' then 12 when 'week' then 52 when 'day' then 365 end / cast(12 as double)
{%- endmacro %}

{# Hours between two moments, fractions included. #}
{% macro hours_between(earlier, later) -%}
    cast({{ dbt.datediff(earlier, later, 'second') }} as double) / 3600
{%- endmacro %}
