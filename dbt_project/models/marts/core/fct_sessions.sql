{% set changed = changed_days(['analytics.sessions']) %}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_where',
    incremental_predicates=["session_date in ({{ changed_days(['analytics.sessions']) }})"],
    meta={'entities': ['analytics.sessions']},
) }}
select
    session_id,
    coalesce(user_id, visitor_id) as user_key,
    user_id,
    visitor_id,
    started_at,
    session_date,
    channel,
    source,
    campaign,
    device,
    country,
    landing_page,
    engaged_seconds,
    {{ provenance() }}
from {{ ref('stg_analytics__sessions') }}
{%- if is_incremental() %}
where session_date in ({{ changed }})
{%- endif %}
