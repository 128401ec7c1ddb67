-- Only periods with a changed day are counted anew, and everything that reads this table finds it small.
{% set changed = changed_days(['analytics.sessions']) %}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_where',
    incremental_predicates=["grain = 'all'", "exists (
        select 1 from ({{ changed_days(['analytics.sessions']) }}) as changed
        where changed.day between period_start and period_end
    )"],
    meta={'entities': ['analytics.sessions']},
) }}
{% set dimensions = ['channel', 'device', 'country', 'channel+device'] %}
with coverage as (
    {{ kpi_coverage(['analytics.sessions']) }}
),

periods as (
    select periods.grain, periods.period, periods.period_start, periods.period_end
    from {{ ref('dim_periods') }} as periods
    cross join coverage
    where periods.period_start <= coverage.covered_to and periods.period_end >= coverage.covered_from
        {%- if is_incremental() %}
        and exists (
            select 1 from ({{ changed }}) as changed where changed.day between periods.period_start and periods.period_end
        )
        {%- endif %}
    union all
    select 'all', 'all', covered_from, covered_to from coverage
),

days as (
    select periods.grain, periods.period_start, days.day
    from periods
    inner join {{ ref('int_period_days') }} as days
        on days.grain = periods.grain and days.period_start = periods.period_start
    union all
    select 'all', coverage.covered_from, days.day
    from {{ ref('int_period_days') }} as days
    cross join coverage
    where days.grain = 'day'
),

session_days as (
    select
        user_days.day, user_days.channel, user_days.device, user_days.country,
        sum(user_days.sessions) as sessions,
        sum(user_days.engaged_seconds) as engaged_seconds
    from {{ ref('int_user_days') }} as user_days
    cross join coverage
    where user_days.day between coverage.covered_from and coverage.covered_to
    group by 1, 2, 3, 4
),

counted as (
    select
        periods.grain, periods.period_start, users.channel, users.device, users.country,
        {%- for dimension in ['all'] + dimensions %}
        sum(users.counts_{{ dimension | replace('+', '_') }}) as users_{{ dimension | replace('+', '_') }},
        {%- endfor %}
        0 as sessions, null as engaged_seconds
    from {{ ref('int_user_periods') }} as users
    cross join coverage
    inner join periods
        on periods.grain = users.grain and periods.period_start = coalesce(users.period_start, coverage.covered_from)
    group by 1, 2, 3, 4, 5
    union all
    select
        days.grain, days.period_start, sessions.channel, sessions.device, sessions.country,
        {%- for dimension in ['all'] + dimensions %} 0,{% endfor %}
        sum(sessions.sessions), sum(sessions.engaged_seconds)
    from session_days as sessions
    inner join days on days.day = sessions.day
    group by 1, 2, 3, 4, 5
),

members as (
    select
        counted.grain, counted.period_start, dimensions.dimension, {{ kpi_members(dimensions) }} as member,
        sum(case dimensions.dimension
            {%- for dimension in ['all'] + dimensions %}
            when '{{ dimension }}' then counted.users_{{ dimension | replace('+', '_') }}
            {%- endfor %}
        end) as users,
        sum(counted.sessions) as sessions,
        sum(counted.engaged_seconds) as engaged_seconds
    from counted
    cross join ({{ kpi_dimensions(dimensions) }}) as dimensions
    group by 1, 2, 3, 4
)

select
    periods.grain,
    periods.period,
    periods.period_start,
    periods.period_end,
    coalesce(members.dimension, 'all') as dimension,
    coalesce(members.member, 'all') as member,
    cast(coalesce(members.users, 0) as bigint) as users,
    cast(coalesce(members.sessions, 0) as bigint) as sessions,
    cast(members.engaged_seconds as decimal(18, 4)) as engaged_seconds
from periods
left join members on members.grain = periods.grain and members.period_start = periods.period_start
