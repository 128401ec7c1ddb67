{#
Models that follow the days their entities changed on (int_changed_days) instead of being made anew in every build:
    materialized='incremental', incremental_strategy='replace_where',
    unique_key              rows with a key that the newly computed rows have give way to them, and
    incremental_predicates  so do rows that meet any of these conditions
and the model itself selects, where is_incremental(), the rows that take their place. Its meta names its entities. The
conditions are rendered as hooks are, when the model runs: while dbt parses, ref() in a config names the model itself. The
condition on what is replaced reads nothing but the table itself and what changed, so that a build that was cut off is
completed by the next. Databricks has a strategy of this name; where an engine has none, partitions by day and
insert_overwrite do the same.
#}
{% macro get_incremental_replace_where_sql(arg_dict) -%}
    {%- set columns = get_quoted_csv(arg_dict.dest_columns | map(attribute='name')) -%}
    {%- set conditions = [] -%}
    {%- for predicate in arg_dict.incremental_predicates or [] -%}
        {%- do conditions.append(render(predicate)) -%}
    {%- endfor -%}
    {%- if arg_dict.unique_key -%}
        {%- do conditions.append(arg_dict.unique_key ~ ' in (select ' ~ arg_dict.unique_key ~ ' from ' ~ arg_dict.temp_relation ~ ')') -%}
    {%- endif -%}
    delete from {{ arg_dict.target_relation }} where ({{ conditions | join(') or (') }});
    insert into {{ arg_dict.target_relation }} ({{ columns }}) select {{ columns }} from {{ arg_dict.temp_relation }}
{%- endmacro %}

{# The days on which any of these entities changed. A model says so outside of is_incremental() first, or dbt would not know what it reads. #}
{% macro changed_days(entities) -%}
    select day from {{ ref('int_changed_days') }} where entity in ('{{ entities | join("', '") }}')
{%- endmacro %}
