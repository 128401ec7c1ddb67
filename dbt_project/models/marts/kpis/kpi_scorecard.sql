with cells as (
    select
        cells.*,
        catalog.unit,
        catalog.direction,
        coverage.source_status,
        targets.target,
        targets.benchmark,
        targets.benchmark_source,
        targets.owner as target_owner,
        comparisons.previous_value,
        comparisons.year_ago_value,
        cells.grain = 'all' or (
            cells.period_start >= coverage.covered_from and cells.period_end <= coverage.covered_to
        ) as is_complete
    from {{ ref('int_kpi_cells') }} as cells
    inner join {{ ref('kpi_catalog') }} as catalog on catalog.kpi_id = cells.kpi_id
    inner join {{ ref('int_kpi_coverage') }} as coverage on coverage.kpi_id = cells.kpi_id
    left join {{ ref('fct_targets') }} as targets
        on targets.kpi_id = cells.kpi_id and targets.grain = cells.grain and targets.period_start = cells.period_start
        and targets.dimension = cells.dimension and targets.member = cells.member
    left join {{ ref('int_kpi_comparisons') }} as comparisons
        on comparisons.kpi_id = cells.kpi_id and comparisons.grain = cells.grain
        and comparisons.period_start = cells.period_start
        and comparisons.dimension = cells.dimension and comparisons.member = cells.member
)

select
    kpi_id,
    grain,
    period,
    period_start,
    period_end,
    dimension,
    member,
    numerator,
    denominator,
    value,
    target,
    benchmark,
    benchmark_source,
    target_owner,
    case
        when not is_complete or target <= 0 then null
        when direction = 'up' then value / target
        when direction = 'down' then 2 - value / target
    end as attainment,
    case
        when not is_complete then null
        when direction = 'up' then value >= target
        when direction = 'down' then value <= target
    end as is_met,
    previous_value,
    year_ago_value,
    {% for earlier, change in [('previous_value', 'change'), ('year_ago_value', 'year_ago_change')] -%}
    (value - {{ earlier }}) * case when unit = 'fraction' then 100 else 1 end as {{ change }},
    case when unit <> 'fraction' then (value - {{ earlier }}) / nullif(abs({{ earlier }}), 0) end as {{ change }}_rate,
    {% endfor -%}
    is_complete,
    source_status
from cells
