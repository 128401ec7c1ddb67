-- depends_on: {{ ref('int_period_days') }}
-- A step counts only after the one before: somebody who puts a product into the cart without having seen one in this
-- session has not walked the funnel. Events without a moment are in no order.
-- Where only some days changed, a session is walked anew that has events on such a day, had some, or began on one
-- itself, with all its events: those of other days are on days between the first and last it was known to have.
{% set changed_sessions, changed_events = changed_days(['analytics.sessions']), changed_days(['analytics.events']) %}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_where',
    unique_key='session_id',
    incremental_predicates=["exists (
        select 1 from ({{ changed_days(['analytics.events']) }}) as changed
        where changed.day between first_event_date and last_event_date
    )"],
    meta={'entities': ['analytics.sessions', 'analytics.events']},
) }}
{% set steps = ['product_view', 'add_to_cart', 'checkout', 'purchase'] %}
{% set step_names = "'" ~ steps | join("', '") ~ "'" %}
with
{% if is_incremental() -%}
known as (
    select session_id, first_event_date, last_event_date
    from {{ this }}
    where day in ({{ changed_sessions }})
        or session_id in (
            select session_id from {{ ref('fct_sessions') }} where session_date in ({{ changed_sessions }})
        )
        or session_id in (
            select session_id from {{ ref('fct_events') }} where event_date in ({{ changed_events }})
        )
        or exists (
            select 1 from ({{ changed_events }}) as changed
            where changed.day between first_event_date and last_event_date
        )
),

walked as (
    select session_id from known
    union
    select session_id
    from {{ ref('fct_events') }}
    where event_date in ({{ changed_events }}) and session_id is not null
),

event_days as (
    select distinct spine.day
    from {{ ref('int_period_days') }} as spine
    inner join (select distinct first_event_date, last_event_date from known) as spans
        on spine.day between spans.first_event_date and spans.last_event_date
    where spine.grain = 'day'
    union
    select first_event_date from known
    union
    select last_event_date from known
    union
    {{ changed_events }}
),

{% endif -%}
events as (
    select session_id, event_name, occurred_at, event_date
    from {{ ref('fct_events') }}
    where event_name in ({{ step_names }}) and session_id is not null and occurred_at is not null
    {%- if is_incremental() %}
        and event_date in (select day from event_days) and session_id in (select session_id from walked)
    {%- endif %}
),

{% for step in steps -%}
reached_{{ step }} as (
    select events.session_id, min(events.occurred_at) as reached_at
    from events
    {%- if not loop.first %}
    inner join reached_{{ steps[loop.index0 - 1] }} as before
        on before.session_id = events.session_id and before.reached_at <= events.occurred_at
    {%- endif %}
    where events.event_name = '{{ step }}'
    group by events.session_id
),

{% endfor -%}
spans as (
    select session_id, min(event_date) as first_event_date, max(event_date) as last_event_date
    from events
    group by session_id
)

select
    spans.session_id,
    sessions.session_date as day,
    sessions.channel,
    sessions.device,
    sessions.country,
    spans.first_event_date,
    spans.last_event_date,
    {%- for step in steps %}
    reached_{{ step }}.session_id is not null as has_{{ step }}{{ ',' if not loop.last }}
    {%- endfor %}
from spans
left join {{ ref('fct_sessions') }} as sessions on sessions.session_id = spans.session_id
{%- for step in steps %}
left join reached_{{ step }} on reached_{{ step }}.session_id = spans.session_id
{%- endfor %}
