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

{# Money in the company's currency; null in any other or in none, because this project knows no exchange rates. #}
{% macro company_money(amount, currency) -%}
    case when {{ currency }} = company.currency then {{ amount }} end
{%- endmacro %}
