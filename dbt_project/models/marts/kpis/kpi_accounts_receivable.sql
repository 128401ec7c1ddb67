with base as (
    select day, amount as numerator, opened as items
    from {{ ref('int_invoice_moves') }}
)
{{ kpi_stock_cells() }}
