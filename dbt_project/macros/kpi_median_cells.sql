{#
All cells of a median from CTE `base`, which has one row per thing that counts:
    day     business date by which the KPI is dated; null counts in grain all alone
    value   the number of which the middle is sought; null counts nowhere
    every column that the KPI's dimensions name; null is the member unknown
The denominator is the number of values, so that a middle of few is seen to be one.
#}
{% macro kpi_median_cells() -%}
{%- set days_model, coverage_model = ref('int_period_days'), ref('int_entity_coverage') -%}
{%- if execute -%}
{%- set meta = kpi_meta() -%}
,

coverage as (
    {{ kpi_coverage(meta.entities) }}
),

dated as (
    select
        days.grain, days.period, days.period_start, days.period_end, dimensions.dimension,
        {{ kpi_members(meta.get('dimensions', [])) }} as member, base.value
    from base
    cross join coverage
    cross join ({{ kpi_dimensions(meta.get('dimensions', [])) }}) as dimensions
    inner join {{ days_model }} as days on days.day = base.day
    where base.value is not null and base.day between coverage.covered_from and coverage.covered_to
        and days.grain in ('{{ meta.grains | join("', '") }}')
    union all
    {#- every period once, so that totals have no gaps #}
    select distinct days.grain, days.period, days.period_start, days.period_end, 'all', 'all', cast(null as double)
    from {{ days_model }} as days
    cross join coverage
    where days.day between coverage.covered_from and coverage.covered_to
        and days.grain in ('{{ meta.grains | join("', '") }}')
    {%- if 'all' in meta.grains %}
    union all
    select
        'all', 'all', coverage.covered_from, coverage.covered_to, dimensions.dimension,
        {{ kpi_members(meta.get('dimensions', [])) }} as member, base.value
    from base
    cross join coverage
    cross join ({{ kpi_dimensions(meta.get('dimensions', [])) }}) as dimensions
    where base.value is not null
        and (base.day is null or base.day between coverage.covered_from and coverage.covered_to)
    union all
    select 'all', 'all', covered_from, covered_to, 'all', 'all', cast(null as double) from coverage
    {%- endif %}
),

cells as (
    select
        grain, period, period_start, period_end, dimension, member,
        cast(null as decimal(18, 4)) as numerator,
        count(value) as denominator,
        round(cast(percentile_cont(0.5) within group (order by value) as double), 6) as middle
    from dated
    group by 1, 2, 3, 4, 5, 6
)

select
    {{ kpi_columns(meta, 'middle') }}
from cells
{%- endif -%}
{%- endmacro %}
