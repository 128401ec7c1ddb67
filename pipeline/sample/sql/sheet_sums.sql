-- What the sheets add up to, whatever period or days a row is about.
insert into sum_truth
select 'market.sizes', 'market_size', 'all', sum("Size"::bigint * 1000000)
from text_sizes anti join (select row_no from spoiled where export = 'sizes') as bad on bad.row_no = _no
union all
select 'planning.calendar', 'days', 'all', sum("To"::date - "From"::date + 1)
from text_calendar anti join (select row_no from spoiled where export = 'calendar') as bad on bad.row_no = _no;
