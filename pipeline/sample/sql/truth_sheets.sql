-- What the sheets say that survives: one row per target of won_amount, and one per market and quarter.
create table won_targets as
with typed as (
    select "Period" as period, "Dimension" as dimension, "Member" as member, "Target"::decimal(18, 4) as target
    from text_targets anti join lost('targets') as bad on bad.row_no = _no where "KPI" = 'won_amount'
), months as (
    select *, try_cast(period || '-01' as date) as first_day, year(first_day) || '-Q' || quarter(first_day) as quarter
    from typed where first_day is not null
), quarters as (
    select period, dimension, member, target from typed where period like '____-Q_'
    union all
    -- where nobody set one for the quarter, those of its three months
    select quarter, dimension, member, sum(target) from months
    anti join typed on typed.period = quarter and typed.dimension = months.dimension and typed.member = months.member
    group by all having count(*) = 3
)
select 'month' as grain, period, first_day, dimension, member, target from months
union all
select 'quarter', period, make_date(left(period, 4)::integer, right(period, 1)::integer * 3 - 2, 1), dimension, member, target from quarters
union all
select 'year', left(period, 4), make_date(left(period, 4)::integer, 1, 1), dimension, member, sum(target) from quarters group by all having count(*) = 4;

-- What is expected to close in a period over what is still to be won in it: seen from its first day, once it is over; from the last
-- covered day while it runs.
insert into cells
with begun as (
    select
        *, (first_day + case grain when 'month' then interval 1 month when 'quarter' then interval 3 month else interval 1 year end)::date - 1 as end_day,
        end_day <= getvariable('last')::date as is_over, if(is_over, first_day - 1, getvariable('last')::date) as seen_on
    from won_targets where first_day <= getvariable('last')::date
), waiting as (
    select begun.*, coalesce(sum(amount) filter (
        where created_date <= seen_on and (close_date is null or close_date > seen_on) and expected_close_date between first_day and end_day
    ), 0) as expected, coalesce(sum(amount) filter (where not is_over and status = 'Won' and close_date >= first_day), 0) as won
    from begun left join deals_seen using (dimension, member) where end_day >= getvariable('start')::date group by all
)
select 'pipeline_coverage', grain, period, dimension, member, expected, target - won, if(target > won, expected::double / (target - won)::double, null)
from waiting;

-- The share of a market: net revenue of the quarter and country over its size, which is written in millions.
insert into cells
with sizes as (
    select upper("Period") as period, "Dimension" as dimension, "Member" as member, sum("Size"::bigint) * 1000000 as size
    from text_sizes anti join lost('sizes') as bad on bad.row_no = _no group by all
)
select 'market_share', 'quarter', period, dimension, member, coalesce(numerator, 0), size, coalesce(numerator, 0)::double / size
from sizes left join (select * from cells where kpi_id = 'net_revenue' and grain = 'quarter') using (period, dimension, member);
