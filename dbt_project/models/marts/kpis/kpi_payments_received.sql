with base as (
    select
        received_date as day,
        method,
        currency,
        company_amount as numerator
    from {{ ref('fct_payments') }}
    where is_received
)
{{ kpi_cells() }}
