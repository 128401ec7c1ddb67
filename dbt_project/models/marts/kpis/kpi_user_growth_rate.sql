-- What came before grows by every period's new users: their running sum, not a join of every period with every user.
with {{ kpi_periods() }},

every_period as (
    select named.grain, named.period_start, named.period_end
    from {{ ref('dim_periods') }} as named
    cross join coverage
    where named.period_start <= coverage.covered_to
),

first_days as (
    select
        greatest(base.first_session_date, bounds.first_day) as day,
        base.first_session_date between coverage.covered_from and coverage.covered_to as is_covered,
        base.first_session_date < coverage.covered_from as is_before,
        dimensions.dimension,
        {{ kpi_members(kpi_meta().dimensions) }} as member,
        count(*) as users
    from {{ ref('dim_users') }} as base
    cross join coverage
    cross join (select min(day) as first_day from {{ ref('int_period_days') }}) as bounds
    cross join ({{ kpi_dimensions(kpi_meta().dimensions) }}) as dimensions
    where base.first_session_date <= coverage.covered_to
    group by 1, 2, 3, 4, 5
),

members as (
    select distinct dimension, member from first_days
    union
    select 'all', 'all'
),

new_in_period as (
    select
        days.grain, days.period_start, first_days.dimension, first_days.member,
        sum(first_days.users) as users,
        sum(case when first_days.is_covered then first_days.users else 0 end) as covered_users
    from first_days
    inner join {{ ref('int_period_days') }} as days on days.day = first_days.day
    group by 1, 2, 3, 4
),

grown as (
    select
        every_period.grain, every_period.period_start, members.dimension, members.member,
        coalesce(new_in_period.covered_users, 0) as numerator,
        coalesce(sum(new_in_period.users) over (
            partition by every_period.grain, members.dimension, members.member
            order by every_period.period_start rows between unbounded preceding and 1 preceding
        ), 0) as denominator
    from every_period
    cross join members
    left join new_in_period
        on new_in_period.grain = every_period.grain and new_in_period.period_start = every_period.period_start
        and new_in_period.dimension = members.dimension and new_in_period.member = members.member
),

cells as (
    select
        periods.grain, periods.period, periods.period_start, periods.period_end, grown.dimension, grown.member,
        grown.numerator, grown.denominator
    from grown
    inner join periods on periods.grain = grown.grain and periods.period_start = grown.period_start
    where grown.numerator > 0 or grown.denominator > 0 or grown.dimension = 'all'
    union all
    select
        'all', 'all', coverage.covered_from, coverage.covered_to, members.dimension, members.member,
        coalesce(sum(case when first_days.is_covered then first_days.users end), 0),
        coalesce(sum(case when first_days.is_before then first_days.users end), 0)
    from coverage
    cross join members
    left join first_days on first_days.dimension = members.dimension and first_days.member = members.member
    group by 1, 2, 3, 4, 5, 6
)

select
    {{ kpi_columns(kpi_meta(), 'cast(numerator as double) / nullif(cast(denominator as double), 0)') }}
from cells
