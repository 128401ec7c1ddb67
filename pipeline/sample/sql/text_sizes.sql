-- The market sheet: what all sellers of home goods sold by quarter, in millions, as people estimate it.
create table text_sizes as
with quarters as (
    select distinct date_trunc('quarter', day)::date as quarter from days
), listed as (
    select * from (values (1, 'Home goods', 'all', 'all', 820), (2, 'Home goods USA', 'country', 'United States', 540), (3, 'Home goods Germany', 'country', 'Germany', 95))
    as markets (market_no, market, dimension, member, usual)
)
select
    row_number() over (order by quarter, market_no) as _no, _no as _sort, market_no > 1 as _eligible, null::varchar as _forced, false as _replaces,
    'sizes' as _file, null::varchar as _next_file, market || '/' || year(quarter) || '-Q' || quarter(quarter) as _key, market as "Market",
    year(quarter) || '-Q' || quarter(quarter) as "Period", dimension as "Dimension", member as "Member",
    (usual + month(quarter) * 3 + 12 * (year(quarter) - 2024))::varchar as "Size", 'USD' as "Currency", 'million' as "Unit", 'Trade survey, made up' as "Source"
from quarters cross join listed;
