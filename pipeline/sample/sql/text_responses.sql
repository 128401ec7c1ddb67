-- The survey tool's export; what people write beside their answer holds commas, quotes and line breaks.
create table text_responses as
select
    response_no as _no, response_no as _sort, true as _eligible, null::varchar as _forced, false as _replaces, 'responses' as _file,
    null::varchar as _next_file, response_id as _key, response_id as "Response", survey as "Survey", kind as "Question", score::varchar as "Answer",
    scale_max::varchar as "Scale", customer_id || '@example.com' as "Respondent", customer_id as "Customer", order_id as "Order", way as "Way",
    case when score <= 2 then 'Too late, too small;' || chr(10) || 'not as "shown"' when score = scale_max then 'All fine, thank you!' end as "Comment",
    stamp(answered_local) as "Answered at"
from responses;
