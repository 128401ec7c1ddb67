{#
All cells of a KPI from CTE `base`, which has one row per thing that counts (or per group of such things):
    day            business date by which the KPI is dated; null counts in grain all alone
    numerator, denominator   what is added up (denominator only for ratios and averages)
    every column that the KPI's dimensions name; null is the member unknown
distinct   measures to count distinct values of instead of adding up; for kind distinct that is the numerator
by_entity  base has a column entity: in grain all a row counts wherever its own entity is covered, not only on common days
only_if    condition without which the KPI has no source
where      condition on a cell (grain, dimension, member, numerator, denominator) without which it has no row
value      SQL of the value where that is neither the numerator nor numerator / denominator
Write it right after the last CTE:  with base as (…) {{ '{{' }} kpi_cells() {{ '}}' }}
#}
{% macro kpi_cells(distinct=[], by_entity=false, only_if=none, where=none, value=none) -%}
{%- set coverage_model, days_model = ref('int_entity_coverage'), ref('int_period_days') -%}
{%- if execute -%}
{%- set meta = kpi_meta() -%}
{%- set keys = ['numerator'] if meta.kind == 'distinct' else distinct -%}
{%- set measures = ['numerator', 'denominator'] if meta.kind in ['ratio', 'average'] else ['numerator'] -%}
{%- set dimensions = meta.get('dimensions', []) -%}
{%- set dated_grains = meta.grains | reject('equalto', 'all') | list -%}
,

coverage as (
    {{ kpi_coverage(meta.entities, only_if) }}
),

located as (
    select
        base.*,
        coalesce(base.day between coverage.covered_from and coverage.covered_to, false) as is_common,
        {%- if by_entity %}
        base.day is null or base.day between coalesce(own.covered_from, coverage.covered_from)
            and coalesce(own.covered_to, coverage.covered_to) as is_in_all
        {%- else %}
        base.day is null or base.day between coverage.covered_from and coverage.covered_to as is_in_all
        {%- endif %}
    from base
    cross join coverage
    {%- if by_entity %}
    left join {{ coverage_model }} as own on own.entity = base.entity
    {%- endif %}
),

daily as (
    select
        located.day,
        located.is_common,
        dimensions.dimension,
        {{ kpi_members(dimensions) }} as member,
        {% for measure in measures -%}
        {{ 'located.' ~ measure if measure in keys else 'sum(located.' ~ measure ~ ')' }} as {{ measure }}{{ ',' if not loop.last }}
        {% endfor %}
    from located
    cross join ({{ kpi_dimensions(dimensions) }}) as dimensions
    where located.is_in_all or located.is_common
    group by 1, 2, 3, 4{% for measure in measures %}{{ ', ' ~ (4 + loop.index) if measure in keys }}{% endfor %}
    union all
    {#- every covered day once, so that totals have no gaps #}
    select spine.day, true, 'all', 'all'{% for measure in measures %}, {{ 'null' if measure in keys else '0' }}{% endfor %}
    from {{ days_model }} as spine
    cross join coverage
    where spine.grain = 'day' and spine.day between coverage.covered_from and coverage.covered_to
),

cells as (
    {%- if dated_grains %}
    select
        periods.grain, periods.period, periods.period_start, periods.period_end, daily.dimension, daily.member
        {%- for measure in measures %},
        {{ 'count(distinct daily.' ~ measure ~ ')' if measure in keys else 'coalesce(sum(daily.' ~ measure ~ '), 0)' }} as {{ measure }}
        {%- endfor %}
    from daily
    inner join {{ days_model }} as periods on periods.day = daily.day
    where daily.is_common and periods.grain in ('{{ dated_grains | join("', '") }}')
    group by 1, 2, 3, 4, 5, 6
    {%- endif %}
    {%- if 'all' in meta.grains %}
    {{ 'union all' if dated_grains }}
    select
        'all' as grain, 'all' as period, coverage.covered_from as period_start, coverage.covered_to as period_end,
        daily.dimension, daily.member
        {%- for measure in measures %},
        {{ 'count(distinct daily.' ~ measure ~ ')' if measure in keys else 'coalesce(sum(daily.' ~ measure ~ '), 0)' }} as {{ measure }}
        {%- endfor %}
    from daily
    cross join coverage
    group by 1, 2, 3, 4, 5, 6
    {%- endif %}
)

select
    {%- if 'denominator' in measures %}
    {{ kpi_columns(meta, value or 'cast(numerator as double) / nullif(cast(denominator as double), 0)') }}
    {%- else %}
    {{ kpi_columns(meta, value or 'cast(numerator as double)') }}
    {%- endif %}
from cells
{%- if where %}
where {{ where }}
{%- endif %}
{%- endif -%}
{%- endmacro %}
