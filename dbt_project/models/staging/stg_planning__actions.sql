select
    {{ id_in('action_id') }} as action_key,
    action_id,
    recommendation_id,
    title,
    steps,
    owner,
    priority,
    start_date,
    due_date,
    end_date,
    status,
    kpi_id,
    dimension,
    member,
    control_member,
    expected_effect,
    cost,
    risk,
    done_when,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'planning__actions') }}
where not coalesce(_is_deleted, false)
