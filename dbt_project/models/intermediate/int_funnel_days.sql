select
    sessions.session_date as day,
    sessions.channel,
    sessions.device,
    sessions.country,
    cast(count(*) as bigint) as sessions,
    cast(count(steps.session_id) as bigint) as product_view_sessions,
    {%- for step in ['add_to_cart', 'checkout', 'purchase'] %}
    cast(count(case when steps.has_{{ step }} then 1 end) as bigint) as {{ step }}_sessions{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('fct_sessions') }} as sessions
left join {{ ref('int_session_steps') }} as steps on steps.session_id = sessions.session_id
group by sessions.session_date, sessions.channel, sessions.device, sessions.country
