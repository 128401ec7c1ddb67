-- Rows: products with the number of lines whose cost is unknown; gross_profit is too high by it.
{{ config(meta={'severity': 'warn', 'dagster': {'ref': {'name': 'fct_order_lines'}}}) }}
select product, count(*) as lines_without_cost
from {{ ref('fct_order_lines') }}
where is_counted and company_cost is null and exists (select 1 from {{ ref('fct_order_lines') }} where company_cost is not null)
group by product
