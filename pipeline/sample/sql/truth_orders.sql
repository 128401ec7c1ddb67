-- One row per order that survives, with its members: channel and device of its session, if analytics saw that.
create table sold as
select
    good_orders.* exclude (country), visits.channel, visits.device, if(nowhere.row_no is null, good_orders.country, null) as country,
    visits.user_key, visits.session_no as visit_no
from good_orders
left join visits on visits.session_no = if(is_tracked, good_orders.session_no, null)
left join hit('orders', 'null_spelling') as nowhere on nowhere.row_no = order_no;

-- One row per order and product: what was sold of it. What the surviving lines do not account for is of no known product.
create table sold_products as
with parts as (
    select order_key, products.name as product, sum(good_lines.amount) as revenue, sum(quantity * good_lines.unit_cost) as cost, sum(quantity) as units
    from good_lines inner join products using (product_id) group by all
), rest as (
    select order_key, null::varchar as product, amount - coalesce(known, 0) as revenue, null::decimal(18, 2) as cost, 0 as units
    from sold left join (select order_key, sum(revenue) as known from parts group by all) using (order_key)
    where revenue <> 0
)
select together.*, order_date as day, channel, device, country
from (select * from parts union all select * from rest) as together inner join sold using (order_key);

-- One row per refund that survives. One of a whole order is of the order's product, if it had but one.
create table returned as
with whole as (
    select order_key, sum(units) as units, if(count(*) = 1, any_value(product), null) as product
    from sold_products where product is not null group by order_key
)
select
    refund_date as day, good_refunds.order_key, good_refunds.amount, cost_back, refund_date - good_refunds.order_date as refund_days,
    coalesce(good_refunds.quantity, whole.units) as units, if(line_key is null, whole.product, products.name) as product, channel, device, country
from good_refunds inner join sold using (order_key) left join whole using (order_key)
left join order_lines using (line_key) left join products using (product_id);

insert into facts
with members as (
    select *, unnest(of_goods(channel, device, country, product), recursive := true) from sold_products
), counted as (
    select day, dimension, member, sum(revenue) as gross_revenue, sum(cost) as cost, sum(units) as items from members group by all
)
select measure, day, dimension, member, total from (unpivot counted on gross_revenue, cost, items into name measure value total);

insert into facts
with members as (
    select *, unnest(of_goods(channel, device, country, product), recursive := true) from returned
), counted as (
    select
        day, dimension, member, sum(amount) as refund_amount, count(*) as refunds, sum(refund_days) as refund_days, sum(units) as refunded_items,
        sum(cost_back) as cost_back
    from members group by all
)
select measure, day, dimension, member, total
from (unpivot counted on refund_amount, refunds, refund_days, refunded_items, cost_back into name measure value total);

insert into facts
select 'orders', order_date, dimension, member, count(*)
from (select order_date, unnest(of_session(channel, device, country), recursive := true) from sold) group by all;

-- Orders of which anything came back, each once in a period.
insert into measures
select 'refunded_orders', grain, period, dimension, member, count(distinct order_key)
from (select day, order_key, unnest(of_session(channel, device, country), recursive := true) from returned)
inner join day_periods using (day) where is_long group by all;

-- What advertising brought: orders that came by a channel that is paid for, less what was refunded of them.
insert into facts
with earned as (
    select order_date as day, channel, amount from sold union all select day, channel, -amount from returned
), members as (
    select day, amount, unnest([of_total(), member_of('channel', channel)], recursive := true) from earned where channel in ('paid_search', 'paid_social')
)
select 'paid_revenue', day, dimension, member, sum(amount) from members group by all;
