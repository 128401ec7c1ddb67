-- A bill booked on one day says nothing of that day or week.
{% set is_daily %}
grain not in ('day', 'week') or not exists (
    select 1
    from {{ ref('int_marketing_spend') }} as spent
    inner join coverage on spent.day between coverage.covered_from and coverage.covered_to
    where spent.is_booked
)
{% endset %}
{% set paid = "channel in ('" ~ var('paid_channels') | join("', '") ~ "')" %}
with base as (
    select order_date as day, channel, company_amount as numerator, cast(0 as decimal(18, 4)) as denominator
    from {{ ref('fct_orders') }}
    where is_counted and {{ paid }}
    union all
    select refund_date as day, channel, -company_amount as numerator, cast(0 as decimal(18, 4)) as denominator
    from {{ ref('fct_refunds') }}
    where is_counted and {{ paid }}
    union all
    select day, channel, cast(0 as decimal(18, 4)) as numerator, amount as denominator
    from {{ ref('int_marketing_spend') }}
    where area = 'marketing'
)
{{ kpi_cells(where=is_daily) }}
