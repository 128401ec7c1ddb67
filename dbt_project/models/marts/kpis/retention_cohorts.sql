-- Who was seen before the coverage begins belongs to no cohort of it: nobody knows all of that one's first days.
with activity as (
    select 'user' as subject, user_days.user_key as id, user_days.day, coverage.covered_from, coverage.covered_to
    from {{ ref('int_user_days') }} as user_days
    inner join {{ ref('int_entity_coverage') }} as coverage on coverage.entity = 'analytics.sessions'
    where user_days.user_key is not null
    union all
    select 'customer', orders.customer_id, orders.order_date, coverage.covered_from, coverage.covered_to
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('int_entity_coverage') }} as coverage on coverage.entity = 'finance.orders'
    where orders.is_counted and orders.customer_id is not null
),

newcomers as (
    select subject, id
    from activity
    group by subject, id
    having min(day) >= min(covered_from)
),

seen as (
    select distinct activity.subject, activity.id, days.grain, days.period_start
    from activity
    inner join newcomers on newcomers.subject = activity.subject and newcomers.id = activity.id
    inner join {{ ref('int_period_days') }} as days on days.day = activity.day
    where days.grain in ('week', 'month') and activity.day <= activity.covered_to
),

firsts as (
    select subject, id, grain, min(period_start) as cohort_start
    from seen
    group by subject, id, grain
),

bounds as (
    select subject, min(covered_to) as covered_to
    from activity
    group by subject
),

numbered as (
    select
        periods.*,
        row_number() over (partition by grain order by period_start) as number
    from {{ ref('dim_periods') }} as periods
    where grain in ('week', 'month')
),

sizes as (
    select firsts.subject, firsts.grain, cohorts.period as cohort, firsts.cohort_start, cohorts.number, count(*) as size
    from firsts
    inner join numbered as cohorts on cohorts.grain = firsts.grain and cohorts.period_start = firsts.cohort_start
    group by 1, 2, 3, 4, 5
),

active as (
    select firsts.subject, firsts.grain, firsts.cohort_start, seen.period_start, count(*) as active
    from firsts
    inner join seen on seen.subject = firsts.subject and seen.grain = firsts.grain and seen.id = firsts.id
    group by 1, 2, 3, 4
)

select
    sizes.subject,
    sizes.grain,
    sizes.cohort,
    sizes.cohort_start,
    cast(ages.number - sizes.number as integer) as age,
    cast(sizes.size as bigint) as size,
    cast(coalesce(active.active, 0) as bigint) as active,
    cast(coalesce(active.active, 0) as double) / sizes.size as rate,
    ages.period_end <= bounds.covered_to as is_mature
from sizes
inner join bounds on bounds.subject = sizes.subject
inner join numbered as ages
    on ages.grain = sizes.grain and ages.number >= sizes.number and ages.period_start <= bounds.covered_to
left join active
    on active.subject = sizes.subject and active.grain = sizes.grain and active.cohort_start = sizes.cohort_start
    and active.period_start = ages.period_start
