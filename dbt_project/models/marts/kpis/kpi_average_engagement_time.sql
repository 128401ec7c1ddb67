{% set is_measured = 'exists (select 1 from ' ~ ref('int_user_days') ~ ' where engaged_seconds is not null)' %}
with base as (
    select
        day,
        channel,
        device,
        country,
        engaged_seconds as numerator,
        user_key as denominator
    from {{ ref('int_user_days') }}
)
{{ kpi_cells(distinct=['denominator'], only_if=is_measured) }}
