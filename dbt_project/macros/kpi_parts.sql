{#
One row: the days that all entities of the KPI cover. No row where one of them has no load or they share no day.
`a|b` stands for either: one of them is enough, and all that have a load count.
#}
{% macro kpi_coverage(entities, only_if=none) -%}
    select max(covered_from) as covered_from, min(covered_to) as covered_to
    from {{ ref('int_entity_coverage') }}
    where entity in ('{{ entities | join('|') | replace('|', "', '") }}')
    {%- if only_if %} and {{ only_if }}{% endif %}
    having max(covered_from) <= min(covered_to)
    {%- for either in entities %}
        and count(case when entity in ('{{ either | replace('|', "', '") }}') then 1 end) > 0
    {%- endfor %}
{%- endmacro %}

{# What names no member is null. #}
{% macro member_or_null(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}

{# The member a row belongs to: its value, several joined by +, or unknown. #}
{% macro kpi_member(dimension) -%}
    {%- for part in dimension.split('+') -%}
        coalesce({{ member_or_null(part) }}, 'unknown'){{ " || '+' || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# Name of the dimension and the row's member in it, for rows crossed with the list of dimensions. #}
{% macro kpi_members(dimensions) -%}
    case dimensions.dimension
        when 'all' then 'all'
        {%- for dimension in dimensions or [] %}
        when '{{ dimension }}' then {{ kpi_member(dimension) }}
        {%- endfor %}
    end
{%- endmacro %}

{% macro kpi_dimensions(dimensions) -%}
    select 'all' as dimension
    {%- for dimension in dimensions or [] %} union all select '{{ dimension }}'{% endfor %}
{%- endmacro %}

{# The columns of every KPI table from CTE `cells`. #}
{% macro kpi_columns(meta, value) -%}
    cast('{{ meta.kpi_id }}' as string) as kpi_id,
    cast(grain as string) as grain,
    cast(period as string) as period,
    period_start,
    period_end,
    cast(dimension as string) as dimension,
    cast(member as string) as member,
    cast(numerator as decimal(18, 4)) as numerator,
    cast({{ 'null' if meta.kind in ['additive', 'distinct'] else 'denominator' }} as decimal(18, 4)) as denominator,
    {{ value }} as value
{%- endmacro %}
