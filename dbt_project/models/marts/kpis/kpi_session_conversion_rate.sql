with ordering_sessions as (
    select distinct session_id
    from {{ ref('fct_orders') }}
    where is_counted
),

base as (
    select
        sessions.session_date as day,
        sessions.channel,
        sessions.device,
        sessions.country,
        case when ordering_sessions.session_id is not null then 1 else 0 end as numerator,
        1 as denominator
    from {{ ref('fct_sessions') }} as sessions
    left join ordering_sessions on ordering_sessions.session_id = sessions.session_id
)
{{ kpi_cells() }}
