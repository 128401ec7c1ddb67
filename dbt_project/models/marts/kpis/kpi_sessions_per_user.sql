with cells as (
    {{ user_activity('sessions as numerator, users as denominator') }}
)

select
    {{ kpi_columns(kpi_meta(), 'cast(numerator as double) / nullif(cast(denominator as double), 0)') }}
from cells
