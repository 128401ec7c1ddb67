-- A bill booked on one day says nothing of that day or week.
{% set is_daily %}
grain not in ('day', 'week') or not exists (
    select 1
    from {{ ref('int_marketing_spend') }} as spent
    inner join coverage on spent.day between coverage.covered_from and coverage.covered_to
    where spent.is_booked
)
{% endset %}
with base as (
    select
        day,
        channel,
        platform,
        amount as numerator
    from {{ ref('int_marketing_spend') }}
    where area = 'marketing'
)
{{ kpi_cells(where=is_daily) }}
