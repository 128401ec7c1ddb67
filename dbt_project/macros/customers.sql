{# CTE customers after kpi_periods(): one row per period and customer active on the day before it, and whether still at its end. #}
{% macro customers_at_start_and_end() -%}
active_at_start as (
    select distinct periods.grain, periods.period_start, periods.last_day, spans.customer_id
    from periods
    inner join {{ ref('int_customer_spans') }} as spans
        on spans.active_from < periods.period_start
        and (spans.active_until is null or spans.active_until >= periods.period_start)
),

active_at_end as (
    select distinct periods.grain, periods.period_start, spans.customer_id
    from periods
    inner join {{ ref('int_customer_spans') }} as spans
        on spans.active_from <= periods.last_day
        and (spans.active_until is null or spans.active_until > periods.last_day)
),

customers as (
    select
        active_at_start.grain,
        active_at_start.period_start,
        active_at_start.customer_id,
        dim_customers.channel,
        dim_customers.country,
        active_at_end.customer_id is not null as is_active_at_end
    from active_at_start
    left join active_at_end
        on active_at_end.grain = active_at_start.grain and active_at_end.period_start = active_at_start.period_start
        and active_at_end.customer_id = active_at_start.customer_id
    left join {{ ref('dim_customers') }} as dim_customers on dim_customers.customer_id = active_at_start.customer_id
)
{%- endmacro %}
