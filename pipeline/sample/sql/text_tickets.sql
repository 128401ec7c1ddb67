-- The tickets of the help desk as its interface hands them out: JSON, one ticket a line, times in UTC.
create table text_tickets as
select
    ticket_no as _no, ticket_no as _sort, is_solved as _eligible, case when is_solved and draw(127, -ticket_no, 25) = 0 then 'times_swapped' end as _forced,
    false as _replaces, 'tickets' as _file, null::varchar as _next_file, ticket_id as _key, ticket_id as id, 'About ' || order_id as subject,
    'Dear shop, my order ' || order_id || ' …' as body, customer_id || '@example.com' as email, customer_id as customer, order_id as order_no, category, way as channel,
    priority, if(is_solved, 'Solved', if(is_replied, 'Pending', 'Open')) as status, strftime(created_utc, '%Y-%m-%dT%H:%M:%SZ') as created_at,
    if(is_replied, strftime(replied_utc, '%Y-%m-%dT%H:%M:%SZ'), null) as first_reply_at, if(is_solved, strftime(solved_utc, '%Y-%m-%dT%H:%M:%SZ'), null) as solved_at,
    strftime(if(is_solved, solved_utc, created_utc), '%Y-%m-%dT%H:%M:%SZ') as updated_at
from tickets;
