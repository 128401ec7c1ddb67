with {{ kpi_periods() }},

users as (
    select
        grain, period_start, first_channel as channel, first_device as device, first_country as country,
        sum(counts_again) as again,
        count(*) as users
    from {{ ref('int_user_periods') }}
    where counts_all = 1
    group by 1, 2, 3, 4, 5
),

base as (
    select periods.grain, periods.period_start, users.channel, users.device, users.country, users.again as numerator, 0 as denominator
    from users
    inner join periods on periods.grain = users.grain and periods.period_start = users.period_start
    where users.again > 0
    union all
    select periods.grain, periods.period_start, users.channel, users.device, users.country, 0, users.users
    from users
    inner join periods on periods.grain = users.grain and periods.previous_start = users.period_start
)
{{ kpi_period_cells() }}
