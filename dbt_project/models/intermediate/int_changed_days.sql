-- A day that the coverage of an entity gained or lost has changed too, though no row of it has.
with coverage as (
    select
        coalesce(now.entity, built.entity) as entity,
        now.covered_from,
        now.covered_to,
        built.covered_from as built_from,
        built.covered_to as built_to,
        least(coalesce(now.covered_from, built.covered_from), coalesce(built.covered_from, now.covered_from)) as first_day,
        greatest(coalesce(now.covered_to, built.covered_to), coalesce(built.covered_to, now.covered_to)) as last_day
    from {{ ref('int_entity_coverage') }} as now
    full outer join {{ source('ops', 'built_coverage') }} as built on built.entity = now.entity
    where coalesce(now.covered_from <> built.covered_from or now.covered_to <> built.covered_to, true)
),

days as (
    select coverage.*, {{ date_plus('coverage.first_day', 'cast(counter.n as integer)') }} as day
    from coverage
    inner join ({{ integers(5) }}) as counter on counter.n <= {{ dbt.datediff('coverage.first_day', 'coverage.last_day', 'day') }}
)

select entity, day
from {{ source('ops', 'changed_days') }}
where is_pending
union
select entity, day
from days
where coalesce(day between covered_from and covered_to, false) <> coalesce(day between built_from and built_to, false)
