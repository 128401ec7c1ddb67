with {{ kpi_periods() }},

covered_days as (
    select days.grain, days.period_start, cast(count(*) as double) as days
    from {{ ref('int_period_days') }} as days
    cross join coverage
    where days.day between coverage.covered_from and coverage.covered_to
    group by 1, 2
),

user_days as (
    select distinct
        days.grain, days.period_start, base.day, base.user_key, dimensions.dimension,
        {{ kpi_members(kpi_meta().dimensions) }} as member
    from {{ ref('int_user_days') }} as base
    cross join coverage
    cross join ({{ kpi_dimensions(kpi_meta().dimensions) }}) as dimensions
    inner join {{ ref('int_period_days') }} as days on days.day = base.day and days.grain in ('week', 'month')
    where base.day between coverage.covered_from and coverage.covered_to and base.user_key is not null
),

counted as (
    select grain, period_start, dimension, member, count(*) as user_days, count(distinct user_key) as users
    from user_days
    group by 1, 2, 3, 4
    union all
    select grain, period_start, 'all', 'all', 0, 0 from periods
),

cells as (
    select
        periods.grain, periods.period, periods.period_start, periods.period_end, counted.dimension, counted.member,
        cast(round(cast(sum(counted.user_days) as double) / max(covered_days.days), 4) as decimal(18, 4)) as numerator,
        sum(counted.users) as denominator
    from counted
    inner join periods on periods.grain = counted.grain and periods.period_start = counted.period_start
    inner join covered_days on covered_days.grain = counted.grain and covered_days.period_start = counted.period_start
    group by 1, 2, 3, 4, 5, 6
)

select
    {{ kpi_columns(kpi_meta(), 'cast(numerator as double) / nullif(cast(denominator as double), 0)') }}
from cells
