-- A user's days are the sum of what each day counted.
with {{ kpi_periods() }},

covered_days as (
    select days.grain, days.period_start, days.day
    from {{ ref('int_period_days') }} as days
    cross join coverage
    where days.day between coverage.covered_from and coverage.covered_to
),

lengths as (
    select grain, period_start, cast(count(*) as double) as days
    from covered_days
    group by grain, period_start
),

user_days as (
    select covered_days.grain, covered_days.period_start, daily.dimension, daily.member, sum(daily.users) as user_days
    from {{ ref('int_user_activity') }} as daily
    inner join covered_days on covered_days.day = daily.period_start
    where daily.grain = 'day'
    group by 1, 2, 3, 4
),

counted as (
    {{ user_activity('users as denominator', where="users + case when dimension = 'all' then 1 else 0 end > 0") }}
),

cells as (
    select
        counted.grain, counted.period, counted.period_start, counted.period_end, counted.dimension, counted.member,
        cast(round(cast(coalesce(user_days.user_days, 0) as double) / lengths.days, 4) as decimal(18, 4)) as numerator,
        counted.denominator
    from counted
    inner join lengths on lengths.grain = counted.grain and lengths.period_start = counted.period_start
    left join user_days
        on user_days.grain = counted.grain and user_days.period_start = counted.period_start
        and user_days.dimension = counted.dimension and user_days.member = counted.member
)

select
    {{ kpi_columns(kpi_meta(), 'cast(numerator as double) / nullif(cast(denominator as double), 0)') }}
from cells
