-- Users of a period are counted already where sessions cover no other days of it than orders and refunds do.
with {{ kpi_periods() }},

session_coverage as (
    {{ kpi_coverage(['analytics.sessions']) }}
),

spans as (
    select
        periods.*,
        greatest(periods.period_start, coverage.covered_from) as first_day,
        greatest(periods.period_start, coverage.covered_from) = greatest(periods.period_start, session_coverage.covered_from)
            and periods.last_day = least(periods.period_end, session_coverage.covered_to) as is_counted
    from periods
    cross join coverage
    cross join session_coverage
),

period_days as (
    select days.day, spans.grain, spans.period_start, spans.is_counted
    from {{ ref('int_period_days') }} as days
    inner join spans on spans.grain = days.grain and spans.period_start = days.period_start
    where days.day between spans.first_day and spans.last_day
),

money as (
    select order_date as day, channel, device, country, company_amount as amount
    from {{ ref('fct_orders') }}
    where is_counted
    union all
    select refund_date, channel, device, country, -company_amount
    from {{ ref('fct_refunds') }}
    where is_counted
),

measured as (
    select
        days.grain, days.period_start, dimensions.dimension, {{ kpi_members(kpi_meta().dimensions) }} as member,
        sum(money.amount) as numerator, 0 as denominator
    from money
    inner join period_days as days on days.day = money.day
    cross join ({{ kpi_dimensions(kpi_meta().dimensions) }}) as dimensions
    group by 1, 2, 3, 4
    union all
    select
        days.grain, days.period_start, dimensions.dimension, {{ kpi_members(kpi_meta().dimensions) }} as member,
        0, count(distinct users.user_key)
    from {{ ref('int_user_days') }} as users
    inner join period_days as days on days.day = users.day and not days.is_counted
    cross join ({{ kpi_dimensions(kpi_meta().dimensions) }}) as dimensions
    group by 1, 2, 3, 4
    union all
    select users.grain, users.period_start, users.dimension, users.member, 0, users.denominator
    from ({{ user_activity('users as denominator') }}) as users
    inner join spans on spans.grain = users.grain and spans.period_start = users.period_start and spans.is_counted
    union all
    select grain, period_start, 'all', 'all', 0, 0 from spans
),

cells as (
    select
        spans.grain, spans.period, spans.period_start, spans.period_end, measured.dimension, measured.member,
        coalesce(sum(measured.numerator), 0) as numerator,
        sum(measured.denominator) as denominator
    from measured
    inner join spans on spans.grain = measured.grain and spans.period_start = measured.period_start
    group by 1, 2, 3, 4, 5, 6
)

select
    {{ kpi_columns(kpi_meta(), 'cast(numerator as double) / nullif(cast(denominator as double), 0)') }}
from cells
