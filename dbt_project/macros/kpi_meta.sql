{#
What the KPI's yml says about it: its meta, which dbt does not know yet while it parses. A unit test overrides this macro
with the part it needs.
#}
{% macro kpi_meta() -%}
    {%- if not execute -%}
        {{ return({'grains': [], 'dimensions': [], 'entities': []}) }}
    {%- endif -%}
    {%- do check_kpi_meta(model) -%}
    {{ return(model.config.meta) }}
{%- endmacro %}

{# One clear error where the yml of a KPI lacks something or says what nobody understands. #}
{% macro check_kpi_meta(node) -%}
    {%- set meta = node.config.meta -%}
    {%- set mistakes = [] -%}
    {%- set known = {
        'kind': ['additive', 'stock', 'distinct', 'ratio', 'average', 'median'],
        'unit': ['count', 'money', 'fraction', 'days', 'hours', 'seconds', 'score', 'times'],
        'direction': ['up', 'down', 'none'],
        'role': ['input', 'output'],
    } -%}
    {%- for key in ['name_en', 'formula_en', 'domain', 'owner', 'grains', 'entities', 'definition_version'] if not meta.get(key) -%}
        {%- do mistakes.append(key ~ ' is missing') -%}
    {%- endfor -%}
    {%- for key, values in known.items() if meta.get(key) not in values -%}
        {%- do mistakes.append(key ~ ' is ' ~ meta.get(key) ~ ', expected one of ' ~ values | join(', ')) -%}
    {%- endfor -%}
    {%- for grain in meta.get('grains') or [] if grain not in ['day', 'week', 'month', 'quarter', 'year', 'all'] -%}
        {%- do mistakes.append('there is no grain ' ~ grain) -%}
    {%- endfor -%}
    {%- if node.name != 'kpi_' ~ meta.get('kpi_id') -%}
        {%- do mistakes.append('kpi_id is ' ~ meta.get('kpi_id') ~ ', expected ' ~ node.name.replace('kpi_', '', 1)) -%}
    {%- endif -%}
    {%- if mistakes -%}
        {{ exceptions.raise_compiler_error(node.original_file_path ~ ': in config.meta of its yml ' ~ mistakes | join('; ')) }}
    {%- endif -%}
{%- endmacro %}
