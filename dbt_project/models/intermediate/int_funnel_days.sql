{% set steps = ['product_view', 'add_to_cart', 'checkout', 'purchase'] %}
with counted as (
    select day, channel, device, country, sessions{% for step in steps %}, 0 as {{ step }}_sessions{% endfor %}
    from {{ ref('int_user_days') }}
    union all
    select
        day, channel, device, country, 0
        {%- for step in steps %}, case when has_{{ step }} then 1 else 0 end{% endfor %}
    from {{ ref('int_session_steps') }}
    where day is not null
)

select
    day,
    channel,
    device,
    country,
    cast(sum(sessions) as bigint) as sessions,
    {%- for step in steps %}
    cast(sum({{ step }}_sessions) as bigint) as {{ step }}_sessions{{ ',' if not loop.last }}
    {%- endfor %}
from counted
group by day, channel, device, country
