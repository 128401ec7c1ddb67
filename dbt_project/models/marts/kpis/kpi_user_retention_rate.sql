with {{ kpi_periods() }},

activity as (
    select distinct days.grain, days.period_start, user_days.user_key
    from {{ ref('int_user_days') }} as user_days
    cross join coverage
    inner join {{ ref('int_period_days') }} as days on days.day = user_days.day
    where user_days.day between coverage.covered_from and coverage.covered_to and user_days.user_key is not null
),

base as (
    select
        periods.grain,
        periods.period_start,
        users.channel,
        users.device,
        users.country,
        count(again.user_key) as numerator,
        count(*) as denominator
    from periods
    inner join activity as earlier on earlier.grain = periods.grain and earlier.period_start = periods.previous_start
    left join activity as again
        on again.grain = periods.grain and again.period_start = periods.period_start and again.user_key = earlier.user_key
    left join {{ ref('dim_users') }} as users on users.user_key = earlier.user_key
    group by 1, 2, 3, 4, 5
)
{{ kpi_period_cells() }}
