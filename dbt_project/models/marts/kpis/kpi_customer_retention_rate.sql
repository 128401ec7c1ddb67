with {{ kpi_periods() }},

{{ customers_at_start_and_end() }},

base as (
    select
        grain,
        period_start,
        channel,
        country,
        case when is_active_at_end then 1 else 0 end as numerator,
        1 as denominator
    from customers
)
{{ kpi_period_cells() }}
