{% set texts = ['kpi_id', 'name_en', 'name_zh', 'formula_en', 'formula_zh', 'unit', 'kind', 'direction', 'domain', 'role', 'owner'] %}
{% set kpis = kpi_models() %}
{% for kpi in kpis %}
select
    {%- for column in texts %}
    {{ text_literal(kpi.get(column)) }} as {{ column }},
    {%- endfor %}
    {{ text_literal(kpi.grains | join(',')) }} as grains,
    {{ text_literal(kpi.get('dimensions', []) | join(',')) }} as dimensions,
    {{ text_literal(kpi.get('reach', 'period')) }} as reach,
    {{ text_literal(kpi.get('decomposition')) }} as decomposition,
    {{ 'true' if kpi.get('is_summable', kpi.kind in ['additive', 'ratio', 'average']) else 'false' }} as is_summable,
    cast({{ kpi.definition_version }} as integer) as definition_version,
    {{ text_literal(kpi.sources) }} as sources
{{ 'union all' if not loop.last }}
{% else %}
select
    {%- for column in texts + ['grains', 'dimensions', 'reach', 'decomposition'] %}
    cast(null as string) as {{ column }},
    {%- endfor %}
    cast(null as boolean) as is_summable,
    cast(null as integer) as definition_version,
    cast(null as string) as sources
where false
{% endfor %}
