-- The users export of the CRM.
create table text_owners as
select
    owner_no as _no, owner_no as _sort, true as _eligible, null::varchar as _forced, false as _replaces, 'users' as _file, null::varchar as _next_file,
    owner_id as _key, owner_id as "User ID", name as "Full Name", email as "Email", team as "Team", region as "Office"
from owners;
