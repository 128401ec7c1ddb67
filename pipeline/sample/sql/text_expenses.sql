-- The ledger's export, one file a year: cells between tabs, decimal commas.
create table text_expenses as
select
    expense_no as _no, expense_no as _sort, not is_ad_platform and dollars <= avg(dollars) over (partition by year(day)) as _eligible, null::varchar as _forced,
    false as _replaces, 'ledger_' || year(day) as _file, null::varchar as _next_file, expense_id as _key, expense_id as "Booking",
    day::varchar as "Date", category as "Account", area as "Area", supplier as "Supplier", employee as "Spent by", replace(amount::varchar, '.', ',') as "Net",
    replace(amount::varchar, '.', ',') as "Amount", currency as "Currency", if(is_operating, 'yes', 'no') as "Operating", if(is_ad_platform, 'yes', 'no') as "Ad platform"
from expenses;
