with {{ kpi_periods() }},

-- What runs on the day before the period, and since when the newest price known at its end holds
running as (
    select
        periods.grain,
        periods.period_start,
        periods.last_day,
        at_start.subscription_id,
        at_start.product,
        at_start.plan_name as plan,
        max(later.effective_date) as effective_date
    from periods
    inner join {{ ref('fct_subscriptions') }} as at_start
        on at_start.is_recurring and at_start.runs_from < periods.period_start
        and (at_start.runs_until is null or at_start.runs_until >= periods.period_start)
    inner join {{ ref('fct_subscriptions') }} as later
        on later.subscription_id = at_start.subscription_id and later.effective_date <= periods.last_day
    group by 1, 2, 3, 4, 5, 6
),

base as (
    select
        running.grain,
        running.period_start,
        running.product,
        running.plan,
        case when at_end.ended_date between running.period_start and running.last_day then 1 else 0 end as numerator,
        1 as denominator
    from running
    inner join {{ ref('fct_subscriptions') }} as at_end
        on at_end.subscription_id = running.subscription_id and at_end.effective_date = running.effective_date
)
{{ kpi_period_cells() }}
