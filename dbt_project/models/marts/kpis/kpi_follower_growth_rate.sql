-- A reading stands for a boundary it is at most seven days older than, of a day for one day: older ones tell of another time.
with {{ kpi_periods() }},

readings as (
    select
        *,
        lead(reading_date) over (partition by _namespace, platform, account order by reading_date) as next_date
    from {{ ref('fct_followers_daily') }}
),

base as (
    select
        periods.grain,
        periods.period_start,
        at_start.platform,
        at_start.account,
        at_end.followers - at_start.followers as numerator,
        at_start.followers as denominator
    from periods
    inner join readings as at_start
        on at_start.reading_date < periods.period_start
        and (at_start.next_date is null or at_start.next_date >= periods.period_start)
        and at_start.reading_date >= case
            when periods.grain = 'day' then {{ date_plus('periods.period_start', -2) }}
            else {{ date_plus('periods.period_start', -8) }}
        end
    inner join readings as at_end
        on at_end._namespace = at_start._namespace and at_end.platform = at_start.platform
        and at_end.account = at_start.account
        and at_end.reading_date <= periods.last_day
        and (at_end.next_date is null or at_end.next_date > periods.last_day)
        and at_end.reading_date >= case
            when periods.grain = 'day' then {{ date_plus('periods.last_day', -1) }}
            else {{ date_plus('periods.last_day', -7) }}
        end
)
{{ kpi_period_cells() }}
