{% set changed = 'select user_key from ' ~ ref('int_changed_users') %}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_where',
    incremental_predicates=["user_key in (select user_key from {{ ref('int_changed_users') }})"],
    meta={'entities': ['analytics.sessions']},
) }}
-- What a user came by is told by the first session ever, not by the latest.
with ranked as (
    select
        *,
        row_number() over (
            partition by user_key order by session_date nulls last, started_at nulls last, session_id nulls last
        ) as position
    from {{ ref('fct_sessions') }}
    where user_key is not null
        {%- if is_incremental() %}
        and user_key in ({{ changed }})
        {%- endif %}
)

select
    user_key,
    session_id as first_session_id,
    session_date as first_session_date,
    started_at as first_session_at,
    channel,
    device,
    country
from ranked
where position = 1
