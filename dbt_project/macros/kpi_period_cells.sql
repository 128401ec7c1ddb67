{#
The first CTEs of a KPI that is counted period by period (what was so at the start, and still is at the end), not day by day:
    coverage   as of kpi_coverage()
    periods    every period of the KPI's grains that shares a day with the coverage: grain, period, period_start, period_end,
               last_day (of the period, or of the coverage where that ends first), is_closed, previous_start
Write it right after with:  with {{ '{{' }} kpi_periods() {{ '}}' }}, base as (…) {{ '{{' }} kpi_period_cells() {{ '}}' }}
#}
{% macro kpi_periods() -%}
{#- named before dbt executes, so that it knows what the model reads #}
{%- set periods_model, coverage_model = ref('dim_periods'), ref('int_entity_coverage') -%}
{%- if execute -%}
{%- set meta = kpi_meta() -%}
coverage as (
    {{ kpi_coverage(meta.entities) }}
),

periods as (
    select
        named.grain,
        named.period,
        named.period_start,
        named.period_end,
        least(named.period_end, coverage.covered_to) as last_day,
        named.period_end <= coverage.covered_to as is_closed,
        named.previous_period_start as previous_start
    from {{ periods_model }} as named
    cross join coverage
    where named.period_start <= coverage.covered_to and named.period_end >= coverage.covered_from
        and named.grain in ('{{ meta.grains | reject("equalto", "all") | join("', '") }}')
)
{%- endif -%}
{%- endmacro %}

{#
All cells of a KPI from CTE `base`, which has one row per thing that counts in a period (or per group of such things):
    grain, period_start   the period, one of CTE periods
    numerator, denominator   what is added up
    every column that the KPI's dimensions name; null is the member unknown
#}
{% macro kpi_period_cells() -%}
{%- if execute -%}
{%- set meta = kpi_meta() -%}
,

cells as (
    select
        periods.grain, periods.period, periods.period_start, periods.period_end, counted.dimension, counted.member,
        coalesce(sum(counted.numerator), 0) as numerator,
        coalesce(sum(counted.denominator), 0) as denominator
    from (
        select
            base.grain, base.period_start, dimensions.dimension, {{ kpi_members(meta.get('dimensions', [])) }} as member,
            base.numerator, base.denominator
        from base
        cross join ({{ kpi_dimensions(meta.get('dimensions', [])) }}) as dimensions
        union all
        {#- every period once, so that totals have no gaps #}
        select grain, period_start, 'all', 'all', 0, 0 from periods
    ) as counted
    inner join periods on periods.grain = counted.grain and periods.period_start = counted.period_start
    group by 1, 2, 3, 4, 5, 6
)

select
    {{ kpi_columns(meta, 'cast(numerator as double) / nullif(cast(denominator as double), 0)') }}
from cells
{%- endif -%}
{%- endmacro %}
