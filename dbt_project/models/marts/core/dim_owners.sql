-- Two owners of one name are told apart by their ids, or a KPI would add them up as one person.
select
    owner_id,
    name,
    email,
    team,
    region,
    case when count(*) over (partition by name) = 1 then coalesce(name, owner_id) else owner_id end as owner
from {{ ref('stg_crm__owners') }}
