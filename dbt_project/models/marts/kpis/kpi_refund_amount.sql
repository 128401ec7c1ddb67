with base as (
    select
        refund_date as day,
        channel,
        device,
        country,
        product,
        company_amount as numerator
    from {{ ref('fct_refunds') }}
    where is_counted
)
{{ kpi_cells() }}
