-- Facts of the company that look like dirt and are not: nothing is lost, repaired or refused.
insert into planted
select 'orders', 'orders_' || strftime(order_date, '%Y-%m'), 'session_not_in_analytics', 'kept', order_no, order_id from orders
where session_no is not null and not is_tracked;
insert into planted
select 'opportunities', null, kind, 'kept', deal_no, deal_id
from deals cross join (values ('without_account'), ('never_engaged'), ('open_without_amount')) as kinds (kind)
where case kind when 'without_account' then not names_account when 'never_engaged' then not is_engaged else is_engaged and amount is null end;

-- The rows that survive: everything generated but what was planted as beyond repair.
create view good_orders as
select orders.* exclude (customer_id), case when nameless.row_no is null then customer_id end as customer_id
from orders
left join (select row_no from planted where export = 'orders' and kind = 'customer_missing') as nameless on nameless.row_no = order_no
anti join (select row_no from spoiled where export = 'orders') as bad on bad.row_no = order_no
where status <> 'cancelled' and not is_test;

create view good_lines as
select order_lines.*, customer_id
from order_lines inner join good_orders using (order_key)
anti join (
    select _line_key from text_order_lines inner join spoiled on export = 'order_lines' and row_no = _no
) as bad on bad._line_key = line_key;

create view good_refunds as
select * from refunds anti join (select row_no from spoiled where export = 'refunds') as bad on bad.row_no = refund_no;

create view good_deals as
select * from deals
anti join (select distinct row_no // 4 as deal_no from spoiled where export = 'opportunities') as bad using (deal_no);

-- One row per period: each calendar month that has days, and all.
create table spans as
select strftime(month, '%Y-%m') as span, min(day) as first_day, max(day) as last_day from days group by month
union all
select 'all', min(day), max(day) from days;

-- One row per day and measure that simply adds up. Session measures come month by month, dated to the month's first day.
insert into day_totals
select order_date, 'orders', count(*) from good_orders group by all
union all select order_date, 'gross_revenue', sum(amount) from good_orders group by all
union all select order_date, 'net_revenue', sum(amount) from good_orders group by all
union all select refund_date, 'net_revenue', -sum(amount) from good_refunds group by all
union all select order_date, 'gross_profit', sum(amount) from good_orders group by all
union all select order_date, 'gross_profit', -sum(quantity * unit_cost) from good_lines group by all
union all select refund_date, 'gross_profit', sum(cost_back - amount) from good_refunds group by all
union all select refund_date, 'refund_amount', sum(amount) from good_refunds group by all
union all select refund_date, 'refunds', count(*) from good_refunds group by all
union all select refund_date, 'refund_days', sum(refund_date - order_date) from good_refunds group by all
union all select order_date, 'items', sum(quantity) from good_lines group by all
union all
select refund_date, 'refunded_items', sum(coalesce(good_refunds.quantity, whole.quantity))
from good_refunds left join (select order_key, sum(quantity) as quantity from good_lines group by order_key) as whole using (order_key)
group by all
union all select first_date, 'new_customers', count(*) from (
    select min(order_date) as first_date from good_orders where customer_id is not null group by customer_id
) group by all
union all select session_day, 'converted_sessions', count(*) from good_orders where is_tracked group by all
union all select first_month, 'new_users', count(*) from (select min(day) as first_month from active_users group by user_key) group by all
union all select close_date, 'opportunities_won', count(*) from good_deals where status = 'Won' group by all
union all select close_date, 'won_amount', sum(amount) from good_deals where status = 'Won' group by all
union all select close_date, 'won_days', sum(close_date - created_date) from good_deals where status = 'Won' group by all
union all select close_date, 'closed_deals', count(*) from good_deals where status <> 'Open' group by all
union all select close_date, 'closed_days', sum(close_date - created_date) from good_deals where status <> 'Open' group by all;

-- One row per period and deal that is open at its end; one without a date is open in all.
create view open_deals as
select span, amount from spans inner join good_deals
on (created_date <= last_day or (span = 'all' and created_date is null)) and (close_date is null or close_date > last_day);

-- One row per period and measure; those that do not add up over days are counted for each period.
create table measures as
select span, measure, sum(total)::decimal(18, 4) as total
from spans inner join day_totals on day between first_day and last_day group by all
union all
select span, 'active_users', count(distinct user_key) from spans inner join active_users on day between first_day and last_day group by all
union all
select span, 'refunded_orders', count(distinct order_key) from spans inner join good_refunds on refund_date between first_day and last_day group by all
union all
select span, 'created_deals', count(*)
from spans inner join good_deals on created_date between first_day and last_day or (span = 'all' and created_date is null) group by all
union all
select span, 'created_deals_won', count(*) from spans inner join good_deals on created_date between first_day and last_day where status = 'Won' group by all
union all
select span, 'open_pipeline_amount', sum(amount) from open_deals group by all
union all
select span, 'open_deals_with_amount', count(amount) from open_deals group by all;

-- One row per KPI and period: what the pipeline has to find. The open pipeline stands beside its number of deals, undivided.
create table kpi_truth as
with parts as (
    select * from (values
        ('sessions', 'sessions', null), ('active_users', 'active_users', null), ('new_users', 'new_users', null),
        ('session_conversion_rate', 'converted_sessions', 'sessions'), ('orders', 'orders', null), ('new_customers', 'new_customers', null),
        ('gross_revenue', 'gross_revenue', null), ('refund_amount', 'refund_amount', null), ('net_revenue', 'net_revenue', null),
        ('refund_rate_orders', 'refunded_orders', 'orders'), ('refund_rate_items', 'refunded_items', 'items'),
        ('refund_rate_amount', 'refund_amount', 'gross_revenue'), ('days_to_refund', 'refund_days', 'refunds'),
        ('average_order_value', 'gross_revenue', 'orders'), ('gross_profit', 'gross_profit', null), ('gross_margin', 'gross_profit', 'net_revenue'),
        ('opportunities_won', 'opportunities_won', null), ('won_amount', 'won_amount', null), ('win_rate_closed', 'opportunities_won', 'closed_deals'),
        ('win_rate_created', 'created_deals_won', 'created_deals'), ('sales_cycle_days', 'won_days', 'opportunities_won'),
        ('sales_cycle_days_closed', 'closed_days', 'closed_deals'), ('average_deal_size', 'won_amount', 'opportunities_won'),
        ('open_pipeline_amount', 'open_pipeline_amount', 'open_deals_with_amount')
    ) as listed (kpi_id, upper_part, lower_part)
)
select
    kpi_id, spans.span,
    case when above.measure is null then 0 else above.total end::decimal(18, 4) as numerator,
    case when lower_part is not null then coalesce(below.total, 0) end::decimal(18, 4) as denominator,
    case when lower_part is null or kpi_id = 'open_pipeline_amount' then numerator::double
        else numerator::double / nullif(denominator, 0)::double end as value
from parts cross join spans
left join measures as above on above.span = spans.span and above.measure = upper_part
left join measures as below on below.span = spans.span and below.measure = lower_part;
