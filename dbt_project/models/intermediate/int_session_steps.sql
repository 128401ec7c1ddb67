-- A step counts only after the one before: somebody who puts a product into the cart without having seen one in this
-- session has not walked the funnel. Events without a moment are in no order.
{% set steps = ['product_view', 'add_to_cart', 'checkout', 'purchase'] %}
with events as (
    select session_id, event_name, occurred_at
    from {{ ref('fct_events') }}
    where event_name in ('{{ steps | join("', '") }}') and session_id is not null and occurred_at is not null
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
){{ ',' if not loop.last }}

{% endfor -%}
select
    reached_product_view.session_id,
    {%- for step in steps[1:] %}
    reached_{{ step }}.session_id is not null as has_{{ step }}{{ ',' if not loop.last }}
    {%- endfor %}
from reached_product_view
{%- for step in steps[1:] %}
left join reached_{{ step }} on reached_{{ step }}.session_id = reached_product_view.session_id
{%- endfor %}
