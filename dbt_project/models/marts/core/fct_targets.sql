-- Targets of additive KPIs are summed to coarser periods where every part is set; none is ever split.
{% set same_cell = ['kpi_id', 'grain', 'period', 'period_start', 'dimension', 'member'] %}
with labelled as (
    select
        targets.*,
        case when company.fiscal_year_start = 1 then replace(targets.period, 'FY', '') else targets.period end as label
    from {{ ref('stg_planning__targets') }} as targets
    cross join {{ source('ops', 'company') }} as company
),

ranked as (
    select
        labelled.kpi_id,
        periods.grain,
        periods.period,
        periods.period_start,
        labelled.dimension,
        labelled.member,
        labelled.target,
        labelled.benchmark,
        labelled.benchmark_source,
        labelled.owner,
        {{ provenance('labelled') }},
        row_number() over (
            partition by labelled.kpi_id, periods.grain, periods.period_start, labelled.dimension, labelled.member
            order by labelled.updated_at desc nulls last, labelled._load_id desc nulls last, labelled._row_id desc nulls last
        ) as position
    from labelled
    inner join {{ ref('dim_periods') }} as periods on periods.period = labelled.label and periods.grain <> 'day'
),

set_targets as (
    select *, false as is_summed from ranked where position = 1
),

month_targets as (
    select {{ same_cell | join(', ') }}, cast(target as decimal(18, 4)) as target, owner
    from set_targets
    where grain = 'month' and target is not null
),
{% for fine, coarse, parts in [('month', 'quarter', 3), ('quarter', 'year', 4)] %}
{{ coarse }}_sums as (
    select
        fine.kpi_id,
        coarse.grain,
        coarse.period,
        coarse.period_start,
        fine.dimension,
        fine.member,
        sum(fine.target) as target,
        case when min(fine.owner) = max(fine.owner) then min(fine.owner) end as owner
    from {{ fine }}_targets as fine
    inner join {{ ref('kpi_catalog') }} as catalog on catalog.kpi_id = fine.kpi_id and catalog.kind = 'additive'
    inner join {{ ref('dim_periods') }} as coarse
        on coarse.grain = '{{ coarse }}' and fine.period_start between coarse.period_start and coarse.period_end
    left join set_targets as already
        on already.kpi_id = fine.kpi_id and already.grain = coarse.grain and already.period_start = coarse.period_start
        and already.dimension = fine.dimension and already.member = fine.member and already.target is not null
    where already.kpi_id is null
    group by fine.kpi_id, coarse.grain, coarse.period, coarse.period_start, fine.dimension, fine.member
    having count(*) = {{ parts }}
),

{{ coarse }}_targets as (
    select {{ same_cell | join(', ') }}, cast(target as decimal(18, 4)) as target, owner
    from set_targets
    where grain = '{{ coarse }}' and target is not null
    union all
    select {{ same_cell | join(', ') }}, target, owner from {{ coarse }}_sums
),
{% endfor %}
{# a period may have a benchmark that was set and a target that is summed: they make one row -#}
stacked as (
    select {{ same_cell | join(', ') }}, cast(target as decimal(18, 4)) as target, benchmark, benchmark_source, owner, is_summed, {{ provenance() }}
    from set_targets
    {%- for sums in ['quarter_sums', 'year_sums'] %}
    union all
    select {{ same_cell | join(', ') }}, target, null, null, owner, true, null, null, null, null, null, null, null, null from {{ sums }}
    {%- endfor %}
)

select
    {{ same_cell | join(', ') }},
    cast(max(target) as double) as target,
    max(benchmark) as benchmark,
    max(benchmark_source) as benchmark_source,
    max(owner) as owner,
    max(case when is_summed then 1 else 0 end) = 1 as is_summed
    {%- for column in provenance().split(', ') %},
    max({{ column }}) as {{ column }}
    {%- endfor %}
from stacked
group by {{ same_cell | join(', ') }}
