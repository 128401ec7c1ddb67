-- A finished period is judged as it stood before its first day, a running one as it stands.
with {{ kpi_periods() }},

goals as (
    select
        periods.grain, periods.period, periods.period_start, periods.period_end,
        greatest(periods.period_start, coverage.covered_from) as first_day, periods.last_day, periods.is_closed,
        targets.dimension, targets.member, targets.target
    from {{ ref('fct_targets') }} as targets
    cross join coverage
    inner join periods on periods.grain = targets.grain and periods.period_start = targets.period_start
    where targets.kpi_id = 'won_amount' and targets.target is not null
        and targets.dimension in ('all', '{{ kpi_meta().dimensions | join("', '") }}')
),

deals as (
    select base.*, dimensions.dimension, {{ kpi_members(kpi_meta().dimensions) }} as member
    from {{ ref('fct_opportunities') }} as base
    cross join ({{ kpi_dimensions(kpi_meta().dimensions) }}) as dimensions
),

cells as (
    select
        goals.grain, goals.period, goals.period_start, goals.period_end, goals.dimension, goals.member,
        coalesce(sum(case
            when deals.expected_close_date is null
                or deals.expected_close_date not between goals.period_start and goals.period_end then 0
            when goals.is_closed and deals.created_date < goals.period_start
                and (not (deals.is_won or deals.is_lost) or deals.close_date >= goals.period_start)
                then deals.created_company_amount
            when not goals.is_closed and deals.created_date <= goals.last_day
                and (not (deals.is_won or deals.is_lost) or deals.close_date > goals.last_day)
                then deals.created_company_amount
        end), 0) as numerator,
        max(goals.target) - coalesce(sum(case
            when not goals.is_closed and deals.is_won and deals.close_date between goals.first_day and goals.last_day
                then deals.company_amount
        end), 0) as denominator
    from goals
    left join deals on deals.dimension = goals.dimension and deals.member = goals.member
    group by 1, 2, 3, 4, 5, 6
)

select
    {{ kpi_columns(kpi_meta(), 'case when denominator > 0 then cast(numerator as double) / cast(denominator as double) end') }}
from cells
