-- Sums of days become sums of periods: of days and weeks the totals, of months all, and of longer periods those of their months.
create table month_sums as
select measure, month as day, dimension, member, sum(total) as total from facts inner join days using (day) group by all;
insert into measures
select measure, grain, period, dimension, member, sum(total)
from facts inner join day_periods using (day) where dimension = 'all' and not is_long group by all
union all
select measure, grain, period, dimension, member, sum(total)
from month_sums inner join (select distinct date_trunc('month', day)::date as day, grain, period from day_periods where is_long) using (day)
group by all;

-- One row per KPI and measure: whether it stands above the line, and whether it is added (1) or taken away (-1).
create table parts as
select kpi_id, ltrim(signed, '-') as measure, is_above, if(starts_with(signed, '-'), -1, 1) as factor from (
    select kpi_id, unnest(string_split(above, ' ')) as signed, true as is_above from kpis
    union all
    select kpi_id, unnest(string_split(below, ' ')), false from kpis where below <> ''
);

-- One row per KPI, period and member: what the pipeline has to find. Every period has its total, a member only what is counted of it.
create table cells (
    kpi_id varchar, grain varchar, period varchar, dimension varchar, member varchar, numerator decimal(18, 4), denominator decimal(18, 4), value double
);
insert into cells
with counted as (
    select
        kpi_id, grain, period, dimension, member, sum(total * factor) filter (where is_above) as above,
        sum(total * factor) filter (where not is_above) as below, count(*) filter (where is_above) as things
    from parts inner join measures using (measure) group by all
), wanted as (
    select kpi_id, grain, period, 'all' as dimension, 'all' as member from kpis inner join grain_lists using (grains) inner join periods using (grain)
    union
    select kpi_id, grain, period, dimension, member from counted
    inner join kpis using (kpi_id) inner join grain_lists using (grains, grain) inner join dimension_lists using (divided_by, dimension)
), sided as (
    select
        kpi_id, kind, grain, period, dimension, member,
        if(kind = 'stock' and things > 0, counted.above, coalesce(counted.above, 0))::decimal(18, 4) as numerator,
        if(kind <> 'sum', coalesce(counted.below, 0), null)::decimal(18, 4) as denominator
    from wanted inner join kpis using (kpi_id) left join counted using (kpi_id, grain, period, dimension, member)
)
select
    kpi_id, grain, period, dimension, member, numerator, denominator,
    case
        when kind in ('sum', 'stock') then numerator::double
        else if(kind = 'percent', 100, 1) * numerator::double / nullif(denominator, 0)::double
    end
from sided
-- of a week only where thirty answered, a week with fewer says nothing
where kpi_id <> 'nps' or grain <> 'week' or denominator >= 30;

-- Medians stand beside how many they are the middle of.
insert into cells
select kpi_id, grain, period, dimension, member, null, waits, hours from medians
union all
select kpi_id, grain, period, 'all', 'all', null, 0, null
from (values ('first_response_time'), ('resolution_time')) as kpis (kpi_id) cross join periods anti join medians using (kpi_id, grain, period);
