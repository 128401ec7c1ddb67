-- Earlier periods are named by their first day whether or not they are covered. The week a year ago has the same ISO
-- number; a week 53 is compared with none, for no other year has one at the same place.
with periods as (
    select distinct grain, period, period_start, period_end
    from {{ ref('int_period_days') }}
),

weeks as (
    select
        period_start,
        year({{ date_plus('period_start', 3) }}) - 1 as year_before,
        cast(extract(week from period_start) as integer) - 1 as weeks_after_first
    from periods
    where grain = 'week'
),

weeks_before as (
    select
        period_start,
        year_before,
        {{ date_plus(period_start('week', "cast(cast(year_before as string) || '-01-04' as date)"), 'weeks_after_first * 7') }} as week_before
    from weeks
)

select
    periods.grain,
    periods.period,
    periods.period_start,
    periods.period_end,
    case periods.grain
        when 'day' then {{ date_plus('periods.period_start', -1) }}
        when 'week' then {{ date_plus('periods.period_start', -7) }}
        when 'month' then {{ date_plus('periods.period_start', -1, 'month') }}
        when 'quarter' then {{ date_plus('periods.period_start', -3, 'month') }}
        else {{ date_plus('periods.period_start', -1, 'year') }}
    end as previous_period_start,
    case
        when periods.grain <> 'week' then {{ date_plus('periods.period_start', -1, 'year') }}
        when year({{ date_plus('weeks_before.week_before', 3) }}) = weeks_before.year_before then weeks_before.week_before
    end as year_ago_period_start
from periods
left join weeks_before on periods.grain = 'week' and weeks_before.period_start = periods.period_start
