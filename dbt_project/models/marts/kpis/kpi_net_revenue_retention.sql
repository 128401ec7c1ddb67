with {{ kpi_periods() }},

-- What each customer pays a month on the day before the period and on its last day, both at the first day's rate
paid as (
    select
        periods.grain,
        periods.period_start,
        running.customer_id,
        case when running.runs_from < periods.period_start
            and (running.runs_until is null or running.runs_until >= periods.period_start) then 1 else 0 end as is_at_start,
        case when running.runs_from <= periods.last_day
            and (running.runs_until is null or running.runs_until > periods.last_day) then 1 else 0 end as is_at_end,
        {{ company_money('cast(round(running.monthly_amount, 4) as decimal(18, 4))', 'running.currency') }} as amount
    from periods
    cross join {{ source('ops', 'company') }} as company
    inner join {{ ref('fct_subscriptions') }} as running
        on running.is_recurring and running.customer_id is not null and running.runs_from <= periods.last_day
        and (running.runs_until is null or running.runs_until >= periods.period_start)
    {{ join_rates('running.currency', date_plus('periods.period_start', -1)) }}
),

customers as (
    select
        grain, period_start, customer_id,
        sum(amount * is_at_end) as end_amount,
        sum(amount * is_at_start) as start_amount
    from paid
    group by grain, period_start, customer_id
    having sum(amount * is_at_start) > 0
),

base as (
    select
        customers.grain,
        customers.period_start,
        dim_customers.channel,
        dim_customers.country,
        coalesce(customers.end_amount, 0) as numerator,
        customers.start_amount as denominator
    from customers
    left join {{ ref('dim_customers') }} as dim_customers on dim_customers.customer_id = customers.customer_id
)
{{ kpi_period_cells() }}
