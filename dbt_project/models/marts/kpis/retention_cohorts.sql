-- Who was seen before the coverage begins belongs to no cohort of it: nobody knows all of that one's first days.
with bounds as (
    select
        case entity when 'analytics.sessions' then 'user' else 'customer' end as subject, covered_from, covered_to
    from {{ ref('int_entity_coverage') }}
    where entity in ('analytics.sessions', 'finance.orders')
),

orders as (
    select orders.customer_id, orders.order_date, min(orders.order_date) over (partition by orders.customer_id) as first_date
    from {{ ref('fct_orders') }} as orders
    where orders.is_counted and orders.customer_id is not null
),

customers as (
    select distinct days.grain, days.period_start, orders.customer_id
    from orders
    inner join bounds on bounds.subject = 'customer' and orders.first_date >= bounds.covered_from
    inner join {{ ref('int_period_days') }} as days on days.day = orders.order_date
    where days.grain in ('week', 'month') and orders.order_date <= bounds.covered_to
),

seen as (
    select
        'customer' as subject, grain, period_start,
        min(period_start) over (partition by grain, customer_id) as cohort_start
    from customers
    union all
    select 'user', users.grain, users.period_start, users.cohort_start
    from {{ ref('int_user_periods') }} as users
    inner join bounds on bounds.subject = 'user' and users.first_session_date >= bounds.covered_from
    where users.counts_all = 1 and users.grain in ('week', 'month')
),

active as (
    select subject, grain, cohort_start, period_start, count(*) as active
    from seen
    group by 1, 2, 3, 4
),

numbered as (
    select
        periods.*,
        row_number() over (partition by grain order by period_start) as number
    from {{ ref('dim_periods') }} as periods
    where grain in ('week', 'month')
),

sizes as (
    select active.subject, active.grain, cohorts.period as cohort, active.cohort_start, cohorts.number, active.active as size
    from active
    inner join numbered as cohorts on cohorts.grain = active.grain and cohorts.period_start = active.cohort_start
    where active.period_start = active.cohort_start
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
