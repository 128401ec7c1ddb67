{#
Tables and views on DuckDB, each made in one statement. dbt's own way makes a second relation, renames twice and drops once,
which is what a database without `create or replace` needs; with a hundred small models that is most of a build.
Grants, indexes and foreign keys have no place in these files. Other engines keep dbt's own materializations.
#}
{% materialization table, adapter='duckdb', supported_languages=['sql'] %}
    {{ return(replaced('table')) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb', supported_languages=['sql'] %}
    {{ return(replaced('view')) }}
{% endmaterialization %}

{% macro replaced(type) -%}
    {%- set existing, target_relation = load_cached_relation(this), this.incorporate(type=type) -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing is not none and existing.type != type -%}
        {{ drop_relation_if_exists(existing) }}
    {%- endif -%}
    {%- set contract = config.get('contract') -%}
    {%- if contract and contract.enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif -%}
    {% call statement('main') -%}
        create or replace {{ type }} {{ target_relation }} as (
            {{ get_select_subquery(sql) if contract and contract.enforced else sql }}
        )
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target_relation]}) }}
{%- endmacro %}
