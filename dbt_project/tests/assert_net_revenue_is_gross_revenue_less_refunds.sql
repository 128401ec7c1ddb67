-- Rows: complete cells where net_revenue differs from gross_revenue - refund_amount.
{{ config(meta={'severity': 'error', 'dagster': {'ref': {'name': 'kpi_scorecard'}}}) }}
with parts as (
    select
        grain, period, dimension, member,
        sum(case when kpi_id = 'net_revenue' then numerator end) as net_revenue,
        sum(case when kpi_id = 'net_revenue' then 0 when kpi_id = 'gross_revenue' then numerator else -numerator end) as difference
    from {{ ref('kpi_scorecard') }}
    where kpi_id in ('net_revenue', 'gross_revenue', 'refund_amount') and is_complete
    group by grain, period, dimension, member
)

select * from parts where net_revenue is not null and net_revenue <> difference
