-- The rates as a bank publishes them. Dirt hits none by which a bill was reckoned.
create table text_fx_rates as
select
    rate_no as _no, rate_no as _sort, units = 1 and rate_no not in (select rate_no from expenses where rate_no is not null) as _eligible,
    case when currency = 'CNY' and draw(118, rate_no, 20) = 0 then 'usual_name' end as _forced,
    false as _replaces, 'fx_rates' as _file, null::varchar as _next_file, currency || '/' || day as _key, day::varchar as "Date", currency as "From",
    'USD' as "To", units::varchar as "Units", rate::varchar as "Rate", 'First Bank' as "Published by"
from fx_rates;
