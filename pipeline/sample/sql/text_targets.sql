-- A plan is written in round numbers.
create macro rounded(number) as case
    when abs(number) >= 100000 then round(number, -4) when abs(number) >= 10000 then round(number, -3)
    when abs(number) >= 1000 then round(number, -2) when abs(number) >= 10 then round(number, 0) when abs(number) >= 1 then round(number, 1)
    else round(number, 3) end;

-- The targets sheet: monthly for the last year and two months ahead, some by quarter, year and channel.
create table text_targets as
with months as (
    select kpi_id, numerator, value, (period || '-01')::date as month from cells where grain = 'month' and dimension = 'all' and value > 0
        and kpi_id in ('net_revenue', 'orders', 'sessions', 'session_conversion_rate', 'new_customers', 'won_amount', 'win_rate_closed', 'refund_rate_amount')
), last_year as (
    select *, row_number() over (partition by kpi_id order by month) as kpi_month from months where month > getvariable('last')::date - interval 13 month
), monthly as (
    select kpi_id, month, value * (0.93 + 0.14 * share(80, length(kpi_id) * 1000 + kpi_month)) as target from last_year
    union all
    select kpi_id, month + ahead * interval 1 month, value * (1 + 0.02 * ahead)
    from last_year cross join (values (1), (2)) as coming (ahead) where month = date_trunc('month', getvariable('last')::date)
), wider as (
    select kpi_id, year(month) || '-Q' || quarter(month) as period, sum(numerator) * 3 / count(*) * 1.03 as target
    from last_year where kpi_id = 'won_amount' group by all
    union all
    select 'win_rate_closed', year(month) || '-Q' || quarter(month), 0.5 from last_year where kpi_id = 'win_rate_closed' group by all
    union all
    select kpi_id, year(month)::varchar, sum(numerator) * 12 / count(*) * 1.02 from last_year where kpi_id in ('net_revenue', 'orders') group by all
), by_channel as (
    select distinct 'sessions' as kpi_id, month, channel,
        per_day * getvariable('scale') * (1 + growth * greatest(month::date - getvariable('start')::date, 0) / 365) * 31 as target
    from last_year cross join channels where channel in ('organic_search', 'paid_search', 'email')
    union all
    select distinct 'session_conversion_rate', month, channel, conversion
    from last_year cross join channels where channel in ('organic_search', 'paid_search', 'email')
), by_team as (
    select kpi_id, month, team, target / count(*) over (partition by month) as target
    from monthly cross join (select distinct team from owners) where kpi_id = 'won_amount'
), listed as (
    select kpi_id, strftime(month, '%Y-%m') as period, 'all' as dimension, 'all' as member, target from monthly
    union all select kpi_id, period, 'all', 'all', target from wider
    union all select kpi_id, strftime(month, '%Y-%m'), 'channel', channel, target from by_channel
    union all select kpi_id, strftime(month, '%Y-%m'), 'team', team, target from by_team
)
select
    row_number() over (order by kpi_id, dimension, member, period) as _no, _no as _sort, dimension = 'all' as _eligible, null::varchar as _forced,
    false as _replaces, 'targets' as _file, null::varchar as _next_file, concat_ws('/', kpi_id, period, dimension, member) as _key,
    kpi_id as "KPI", period as "Period", dimension as "Dimension", member as "Member", rounded(target)::decimal(18, 3)::varchar as "Target",
    case kpi_id when 'session_conversion_rate' then '0.062' when 'win_rate_closed' then '0.47' end as "Benchmark",
    case when "Benchmark" is not null then 'Trade survey, made up' end as "Benchmark source",
    case when kpi_id in ('won_amount', 'win_rate_closed') then 'Sales'
        when kpi_id in ('sessions', 'session_conversion_rate') then 'Web' else 'Finance' end as "Owner"
from listed;
