-- One row per cohort (users or customers first seen in a week or month) and age: how many of them came or bought that many periods later.
create table cohorts as
with came as (
    select distinct 'user' as subject, user_key::varchar as who, day from visits
    union all
    select distinct 'customer', customer_id, day from bought
), seen as (
    select distinct subject, who, grain, period_no as number from came inner join day_periods using (day)
    where grain in ('week', 'month')
), firsts as (
    select subject, who, grain, min(number) as cohort from seen group by all
), sizes as (
    select subject, grain, cohort, count(*) as size from firsts group by all
), kept as (
    select subject, grain, cohort, number, count(*) as active from seen inner join firsts using (subject, who, grain) group by all
), cells as (
    select sizes.*, later.period_no as number, later.period_start
    from sizes inner join periods as later on later.grain = sizes.grain and later.period_no >= cohort
)
select
    subject, grain, periods.period as cohort, cells.number - cohort as age, size, coalesce(active, 0) as active,
    cells.period_start + if(grain = 'week', interval 1 week, interval 1 month) <= getvariable('last')::date + 1 as is_mature
from cells inner join (select grain, period_no as cohort, period from periods) as periods using (grain, cohort)
left join kept using (subject, grain, cohort, number);
