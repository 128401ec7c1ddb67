{% set changed = changed_days(['analytics.sessions']) %}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_where',
    incremental_predicates=["day in ({{ changed_days(['analytics.sessions']) }})"],
    meta={'entities': ['analytics.sessions']},
) }}
select
    session_date as day,
    user_key,
    channel,
    device,
    country,
    cast(count(*) as bigint) as sessions,
    cast(sum(engaged_seconds) as decimal(18, 4)) as engaged_seconds
from {{ ref('fct_sessions') }}
{%- if is_incremental() %}
where session_date in ({{ changed }})
{%- endif %}
group by session_date, user_key, channel, device, country
