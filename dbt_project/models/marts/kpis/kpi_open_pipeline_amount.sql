-- A deal enters on the day it was created and leaves on the day it was closed; one closed but never dated did neither.
with base as (
    select
        created_date as day,
        owner,
        team,
        region,
        product,
        segment,
        industry,
        created_company_amount as numerator,
        1 as items
    from {{ ref('fct_opportunities') }}
    where created_date is not null or not (is_won or is_lost)
    union all
    select
        close_date as day,
        owner,
        team,
        region,
        product,
        segment,
        industry,
        -created_company_amount as numerator,
        -1 as items
    from {{ ref('fct_opportunities') }}
    where created_date is not null and (is_won or is_lost)
)
{{ kpi_stock_cells() }}
