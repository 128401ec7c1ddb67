-- One row per product. Numbers from 17 on are launched later; refund_rate: share of its lines that come back.
create table products as
select
    product_no::integer as product_no, 'P' || lpad(product_no::varchar, 3, '0') as product_id, name, category,
    list_price::decimal(18, 2) as list_price, unit_cost::decimal(18, 2) as unit_cost, refund_rate,
    case when launch_day is null then getvariable('start')::date - 30 else getvariable('start')::date + launch_day end as launched
from (values
    (1, 'Lumo desk lamp', 'Lighting', 49.90, 18.40, 0.05, null), (2, 'Lumo floor lamp', 'Lighting', 119.00, 46.10, 0.07, null),
    (3, 'Lumo clip lamp', 'Lighting', 24.50, 8.20, 0.04, null), (4, 'Café mug', 'Kitchen', 12.90, 3.60, 0.03, null),
    (5, 'Café press', 'Kitchen', 39.00, 13.75, 0.06, null), (6, 'Entrée bowl', 'Kitchen', 18.50, 5.90, 0.03, null),
    (7, 'Süd cutting board', 'Kitchen', 29.90, 10.80, 0.04, null), (8, 'Über blanket', 'Home', 64.00, 24.30, 0.08, null),
    (9, 'Nido cushion', 'Home', 22.00, 7.10, 0.06, null), (10, 'Nido rug', 'Home', 149.00, 61.50, 0.12, null),
    (11, 'Piñata wall clock', 'Home', 34.90, 12.20, 0.07, null), (12, 'Orda file box', 'Office', 15.90, 4.85, 0.02, null),
    (13, 'Orda desk pad', 'Office', 27.00, 8.90, 0.03, null), (14, 'Orda shelf', 'Office', 89.00, 37.40, 0.09, null),
    (15, 'Tavo notebook; ruled', 'Office', 8.90, 2.15, 0.02, null), (16, 'Tavo pen "fine"', 'Office', 5.50, 1.30, 0.02, null),
    (17, 'Lumo night light', 'Lighting', 19.90, 6.70, 0.05, 120), (18, 'Café kettle', 'Kitchen', 59.00, 24.60, 0.10, 240),
    (19, 'Nido throw', 'Home', 44.00, 16.90, 0.07, 400), (20, 'Orda monitor stand', 'Office', 54.00, 21.80, 0.05, 600)
) as listed (product_no, name, category, list_price, unit_cost, refund_rate, launch_day)
where coalesce(launch_day, 0) < getvariable('days');

-- What is picked how often: a product stands on the shelf once per unit of its weight.
set variable shelf = (
    select list(product_no order by product_no, facing)
    from (values (1, 9), (2, 3), (3, 6), (4, 10), (5, 6), (6, 6), (7, 5), (8, 4), (9, 7), (10, 2), (11, 4), (12, 7),
        (13, 5), (14, 2), (15, 9), (16, 8), (17, 5), (18, 4), (19, 4), (20, 4)) as weights (product_no, weight)
    cross join range(10) as facings (facing)
    where facing < weight
);
-- The product with this number on the shelf; one that is not launched yet is replaced by an older one.
create macro picked(number, day_no) as
    getvariable('shelf')[number % len(getvariable('shelf')) + 1]
    - case when day_no < [0, 120, 240, 400, 600][greatest(getvariable('shelf')[number % len(getvariable('shelf')) + 1] - 15, 1)]
        then 12 else 0 end;
create macro reduced(price, percent) as round(price * (100 - percent)::decimal(3, 0) * 0.01, 2)::decimal(18, 2);
