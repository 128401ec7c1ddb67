with cells as (
    {{ user_activity('users as numerator') }}
)

select
    {{ kpi_columns(kpi_meta(), 'cast(numerator as double)') }}
from cells
