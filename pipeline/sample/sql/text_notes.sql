-- The notes sheet, with everything people type: quotes, commas, several lines.
create table text_notes as
with listed as (
    select * from (values
        (1, 0, 'explanation', 'net_revenue', 'Finance',
         'The month has one Sunday less than the one before; orders of companies came late, most of them on the last day.'),
        (2, 0, 'lesson', null, 'Web', 'Two measures that start in the same week cannot be told apart: start them apart.'),
        (3, 0, 'risk', 'gross_margin', 'Finance',
         'The supplier of the "Nido" rugs announces higher prices,' || chr(10) || 'from the new year on; nothing is signed.'),
        (4, 0, 'process', null, 'Operations', 'Refunds are now booked on the day they are paid, not at the end of the week.'),
        (5, 0, 'team', null, 'Sales', 'One position in Key Accounts is open.'),
        (6, 0, 'training', null, 'Sales', 'All owners have been shown the new stages; dates of closing are kept better since.'),
        (7, 0, 'feedback', 'refund_rate_orders', 'Support',
         'Customers write: "parcel too large, lamp too small", mostly about the floor lamp; <5 % ask for a new one.'),
        (8, 0, 'market', null, 'Marketing', 'A competitor gives free shipping until the end of the year | we do not follow.'),
        (9, -1, 'explanation', 'sessions', 'Web', 'Paid social was paused for two days.'),
        (10, -1, 'lesson', null, 'Sales', 'Deals that wait longer than 60 days are rarely won.'),
        (11, -2, 'risk', 'orders', 'Operations', 'The warehouse is full from November on.')
    ) as rows (no, ago, kind, kpi_id, author, text)
)
select
    no as _no, no as _sort, no > 8 as _eligible, null::varchar as _forced, false as _replaces, 'notes' as _file, null::varchar as _next_file,
    'N-' || lpad(no::varchar, 3, '0') as _key, _key as "Note", strftime(getvariable('last')::date + ago * interval 1 month, '%Y-%m') as "Period",
    kind as "Kind", kpi_id as "KPI", null::varchar as "Problem", author as "Author", text as "Text"
from listed;
