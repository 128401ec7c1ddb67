-- The accounts export of the CRM.
create table text_accounts as
select
    account_no as _no, account_no as _sort, true as _eligible, null::varchar as _forced, false as _replaces, 'accounts' as _file,
    null::varchar as _next_file, account_id as _key, account_id as "Account ID", name as "Account Name", industry as "Industry",
    segment as "Customer Segment", country as "Billing Country", employees::varchar as "Employees", (employees * 180000)::varchar as "Annual Revenue",
    parent_id as "Parent Account", 'U' || lpad(owner_no::varchar, 3, '0') as "Account Owner", created_date::varchar as "Created Date"
from accounts;
