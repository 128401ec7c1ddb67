-- Entities without a load have no row; those without dates have no bounds and restrict nothing.
select
    status.entity,
    min(status.covered_from) as covered_from,
    case when min(status.covered_to) is not null then least(min(status.covered_to), min(company.as_of)) end as covered_to,
    case when max(case when status.status = 'stale' then 1 else 0 end) = 1 then 'stale' else 'current' end as status
from {{ source('ops', 'source_status') }} as status
cross join {{ source('ops', 'company') }} as company
where status.status in ('current', 'stale')
group by status.entity
