-- The products export: from a European spreadsheet, with decimal commas and dates with dots.
create table text_products as
select
    product_no as _no, product_no as _sort, true as _eligible, null::varchar as _forced, false as _replaces, 'products' as _file,
    null::varchar as _next_file, product_id as _key, product_id as "SKU", name as "Title", category as "Range",
    replace(list_price::varchar, '.', ',') as "Price", replace(unit_cost::varchar, '.', ',') as "Unit cost", 'USD' as "Currency",
    strftime(launched, '%d.%m.%Y') as "Launched"
from products;
