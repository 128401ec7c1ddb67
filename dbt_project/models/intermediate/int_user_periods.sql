{% set changed_users = changed_user_keys() %}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_where',
    incremental_predicates=["user_key in ({{ changed_user_keys() }})"],
    meta={'entities': ['analytics.sessions']},
) }}
-- To count users once, however many days or sessions they have, is dear: it is done here once, and again only for users who
-- were there on a day that changed. Whatever counts users adds up counts_… of the periods and members it is about.
{% set dimensions = ['channel', 'device', 'country', 'channel+device'] %}
with coverage as (
    {{ kpi_coverage(['analytics.sessions']) }}
),

user_days as (
    select
        days.day, days.user_key, {{ member_or_null('days.channel') }} as channel, {{ member_or_null('days.device') }} as device,
        {{ member_or_null('days.country') }} as country
    from {{ ref('int_user_days') }} as days
    cross join coverage
    where days.user_key is not null and days.day between coverage.covered_from and coverage.covered_to
        {%- if is_incremental() %} and days.user_key in ({{ changed_users }}){% endif %}
),

seen as (
    select distinct
        periods.grain, periods.period_start, user_days.user_key, user_days.channel, user_days.device, user_days.country
    from user_days
    inner join {{ ref('int_period_days') }} as periods on periods.day = user_days.day
    union all
    select distinct 'all', cast(null as date), user_key, channel, device, country
    from user_days
),

counted as (
    select
        *
        {%- for dimension in ['all'] + dimensions %},
        case
            when row_number() over (
                partition by grain, period_start, user_key{{ ', ' ~ dimension | replace('+', ', ') if dimension != 'all' }}
                order by channel nulls last, device nulls last, country nulls last
            ) = 1 then 1 else 0
        end as counts_{{ dimension | replace('+', '_') }}
        {%- endfor %}
    from seen
),

followed as (
    select
        *,
        min(period_start) over (partition by grain, user_key) as cohort_start,
        lag(period_start) over (partition by grain, user_key, counts_all order by period_start) as seen_before
    from counted
)

select
    followed.grain,
    followed.period_start,
    followed.user_key,
    followed.channel,
    followed.device,
    followed.country,
    {%- for dimension in ['all'] + dimensions %}
    followed.counts_{{ dimension | replace('+', '_') }},
    {%- endfor %}
    case
        when followed.counts_all = 1 and followed.seen_before = periods.previous_period_start then 1 else 0
    end as counts_again,
    followed.cohort_start,
    users.first_session_date,
    {{ member_or_null('users.channel') }} as first_channel,
    {{ member_or_null('users.device') }} as first_device,
    {{ member_or_null('users.country') }} as first_country
from followed
left join {{ ref('dim_users') }} as users on users.user_key = followed.user_key
left join {{ ref('dim_periods') }} as periods
    on periods.grain = followed.grain and periods.period_start = followed.period_start
