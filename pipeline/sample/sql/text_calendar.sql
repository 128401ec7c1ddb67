-- The calendar sheet: what explains numbers. People of two languages fill it in, and save it in the encoding of one.
create table text_calendar as
with years as (
    select distinct year(day) as the_year from days
), listed as (
    select make_date(the_year, 1, 1) as first_day, make_date(the_year, 1, 1) as last_day, '节假日' as kind, 'New Year' as name, 'all' as dimension, 'all' as member from years
    union all select make_date(the_year, 7, 4), make_date(the_year, 7, 4), 'Holiday', 'Independence Day', 'all', 'all' from years
    union all select make_date(the_year, 12, 25), make_date(the_year, 12, 26), 'Holiday', 'Christmas', 'all', 'all' from years
    union all select make_date(the_year, 11, 20), make_date(the_year, 12, 20), '促销', 'Holiday sale', 'all', 'all' from years
    union all select make_date(the_year, 2, 1), make_date(the_year, 2, 1), 'Price', 'New price list', 'all', 'all' from years
    union all select make_date(the_year, 5, 20), make_date(the_year, 5, 26), 'Campaign', '春季活动', 'channel', 'email' from years
    union all
    select getvariable('lost_from')::date, getvariable('lost_from')::date + 4, 'Outage', 'Payment service lost its records', 'all', 'all'
)
select
    row_number() over (order by first_day, name) as _no, _no as _sort, last_day = first_day as _eligible,
    case when name = 'Christmas' and first_day = min(first_day) over (partition by name) then 'ends_swapped' end as _forced, false as _replaces,
    'calendar' as _file, null::varchar as _next_file, name || '/' || first_day as _key, first_day::varchar as "From", last_day::varchar as "To", kind as "Kind",
    name as "Name", dimension as "Dimension", member as "Member"
from listed;
