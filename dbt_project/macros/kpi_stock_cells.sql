{#
All cells of a stock from CTE `base`, which has one row per thing that enters or leaves it:
    day          business date on which it does; null stands in the stock of grain all alone
    numerator    its amount, negative when it leaves; null where it has none
    items        1, or -1 when it leaves
    every column that the KPI's dimensions name; null is the member unknown
A cell is the stock at the end of its period, or of the coverage where that comes first. The denominator is the number of
things with an amount; where there are things and none has one, the stock is null.
#}
{% macro kpi_stock_cells() -%}
{%- set days_model = ref('int_period_days') -%}
{%- set coverage_model = ref('int_entity_coverage') -%}
{%- if execute -%}
{%- set meta = kpi_meta() -%}
{%- set dated_grains = meta.grains | reject('equalto', 'all') | list -%}
,

coverage as (
    {{ kpi_coverage(meta.entities) }}
),

moves as (
    select
        greatest(base.day, coverage.covered_from) as day,
        base.day is null as is_undated,
        dimensions.dimension,
        {{ kpi_members(meta.get('dimensions', [])) }} as member,
        sum(base.numerator) as amount,
        sum(case when base.numerator is not null then base.items else 0 end) as valued,
        sum(base.items) as items
    from base
    cross join coverage
    cross join ({{ kpi_dimensions(meta.get('dimensions', [])) }}) as dimensions
    where base.day is null or base.day <= coverage.covered_to
    group by 1, 2, 3, 4
),

members as (
    select distinct dimension, member from moves
    union
    select 'all', 'all'
),

periods as (
    select distinct days.grain, days.period, days.period_start, days.period_end
    from {{ days_model }} as days
    cross join coverage
    where days.day between coverage.covered_from and coverage.covered_to
        and days.grain in ('{{ dated_grains | join("', '") }}')
),

period_moves as (
    select
        days.grain, days.period_start, moves.dimension, moves.member,
        sum(moves.amount) as amount, sum(moves.valued) as valued, sum(moves.items) as items
    from moves
    inner join {{ days_model }} as days on days.day = moves.day
    where not moves.is_undated
    group by 1, 2, 3, 4
),

stocks as (
    select
        periods.grain, periods.period, periods.period_start, periods.period_end, members.dimension, members.member,
        {%- for measure in ['amount', 'valued', 'items'] %}
        sum(coalesce(period_moves.{{ measure }}, 0)) over (
            partition by periods.grain, members.dimension, members.member order by periods.period_start
        ) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from periods
    cross join members
    left join period_moves
        on period_moves.grain = periods.grain and period_moves.period_start = periods.period_start
        and period_moves.dimension = members.dimension and period_moves.member = members.member
    {%- if 'all' in meta.grains %}
    union all
    select
        'all', 'all', coverage.covered_from, coverage.covered_to, members.dimension, members.member,
        coalesce(sum(moves.amount), 0), coalesce(sum(moves.valued), 0), coalesce(sum(moves.items), 0)
    from coverage
    cross join members
    left join moves on moves.dimension = members.dimension and moves.member = members.member
    group by 1, 2, 3, 4, 5, 6
    {%- endif %}
),

cells as (
    select
        grain, period, period_start, period_end, dimension, member,
        case when valued > 0 or items = 0 then amount end as numerator,
        valued as denominator
    from stocks
    where items > 0 or dimension = 'all'
)

select
    {{ kpi_columns(meta, 'cast(numerator as double)') }}
from cells
{%- endif -%}
{%- endmacro %}
