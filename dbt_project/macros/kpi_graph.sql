{# All KPIs that are models of this project, each by its meta and the entities it is computed from, ordered by id. #}
{% macro kpi_models() -%}
    {%- set found = {} -%}
    {%- if execute -%}
        {%- if graph.nodes is not defined -%}
            {{ exceptions.raise_compiler_error('the manifest given to dbt has no graph: call its build_flat_graph() first') }}
        {%- endif -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.meta.get('kpi_id') -%}
            {%- do check_kpi_meta(node) -%}
            {%- set entities = [] -%}
            {%- do find_entities(node, entities, []) -%}
            {%- do found.update({node.config.meta.kpi_id: dict(node.config.meta, sources=entities | sort | join(','))}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set ordered = [] -%}
    {%- for kpi_id in found | sort -%}{%- do ordered.append(found[kpi_id]) -%}{%- endfor -%}
    {{ return(ordered) }}
{%- endmacro %}

{# Adds to `entities` every entity whose staging model `node` descends from. #}
{% macro find_entities(node, entities, seen) -%}
    {%- for parent_id in node.depends_on.nodes if parent_id.startswith('model.') and parent_id not in seen -%}
        {%- do seen.append(parent_id) -%}
        {%- set parent = graph.nodes[parent_id] -%}
        {%- if parent.name.startswith('stg_') -%}
            {%- do entities.append(parent.name[4:].replace('__', '.')) -%}
        {%- else -%}
            {%- do find_entities(parent, entities, seen) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{# A value as an SQL literal of text; none is null. #}
{% macro text_literal(value) -%}
    cast({{ 'null' if value is none else dbt.string_literal(dbt.escape_single_quotes(value | string)) }} as string)
{%- endmacro %}
