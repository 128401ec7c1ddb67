{% set is_measured = 'exists (select 1 from ' ~ ref('int_user_activity') ~ ' where engaged_seconds is not null)' %}
with cells as (
    {{ user_activity('coalesce(engaged_seconds, 0) as numerator, users as denominator', where=is_measured) }}
)

select
    {{ kpi_columns(kpi_meta(), 'cast(numerator as double) / nullif(cast(denominator as double), 0)') }}
from cells
