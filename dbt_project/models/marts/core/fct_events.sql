{% set changed = changed_days(['analytics.events']) %}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_where',
    incremental_predicates=["event_date in ({{ changed_days(['analytics.events']) }})"],
    meta={'entities': ['analytics.events']},
) }}
-- What is known of its session stays there: a corrected session would else change its events of other days.
select
    event_id,
    session_id,
    coalesce(user_id, visitor_id) as user_key,
    event_name,
    occurred_at,
    event_date,
    page,
    product_id,
    {{ provenance() }}
from {{ ref('stg_analytics__events') }}
{%- if is_incremental() %}
where event_date in ({{ changed }})
{%- endif %}
