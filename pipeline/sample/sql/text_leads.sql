-- The leads export of the CRM: what a spreadsheet calls Unicode text. Persons are numbers, and nobody can be written to.
create table text_leads as
select
    lead_no as _no, lead_no as _sort, converted_local is null as _eligible,
    case when draw(75, lead_no, 12) = 0 and converted_date > created_date then 'dates_swapped' end as _forced, false as _replaces,
    'leads' as _file, null::varchar as _next_file, lead_id as _key, lead_id as "Lead ID", 'Lead ' || lead_no as "Full Name",
    'Lead' || lead_no || '@example.com' as "Email", '+1-555-01' || lpad((lead_no % 100)::varchar, 2, '0') as "Phone",
    'Prospect ' || lead_no || ', Ltd.' as "Company", channel as "Channel", lead_source as "Lead Source", campaign as "Campaign", status as "Status",
    'U' || lpad(owner_no::varchar, 3, '0') as "Owner ID", 'OPP-' || lpad(deal_no::varchar, 8, '0') as "Opportunity ID",
    created_local::varchar as "Created", converted_local::varchar as "Converted", coalesce(converted_local, created_local)::varchar as "Last Modified"
from leads;
