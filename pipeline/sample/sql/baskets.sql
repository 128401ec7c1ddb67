-- One row per basket that was ordered. order_key: the session's number, or minus the deal's.
create table baskets (
    order_key bigint, customer_no bigint, is_company boolean, session_no bigint, is_tracked boolean, session_day date, country varchar,
    ordered_local timestamp, product_no integer, quantity bigint, discount bigint
);
insert into baskets
select
    -deal_no, account_no, true, null, false, null, country,
    close_date + interval 10 hour + draw(41, deal_no, 21600) * interval 1 second, product_no, quantity, discount
from deals
where status = 'Won';
