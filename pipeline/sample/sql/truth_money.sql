-- What the ledger booked, in the company's currency.
insert into facts
with members as (
    select day, dollars, unnest([
        of_total(), member_of('category', lower(category)), member_of('area', lower(area)), member_of('cost_center', null)
    ], recursive := true)
    from good_expenses
)
select 'expenses', day, dimension, member, sum(dollars) from members group by all;

-- What was spent on marketing: on advertisements as their platforms tell, on anything else as it was booked; and on sales.
insert into facts
with spent as (
    select 'marketing_spend' as measure, day, replace(lower(label), ' ', '_') as channel, platform, cost from spend
    anti join lost('spend') as bad on bad.row_no = spend_no
    union all
    select 'marketing_spend', day, null, null, dollars from good_expenses where area = 'Marketing' and not is_ad_platform
    union all
    select 'sales_expenses', day, null, null, dollars from good_expenses where area = 'Sales'
), members as (
    select measure, day, cost, unnest(of_two('channel', channel, 'platform', platform), recursive := true) from spent
)
select measure, day, dimension, member, sum(cost) from members group by all;

insert into facts
with members as (
    select
        received_local::date as day, amount,
        unnest(of_two('method', if(method = 'credit card', 'card', replace(method, ' ', '_')), 'currency', 'USD'), recursive := true)
    from good_payments
)
select 'payments_received', day, dimension, member, sum(amount) from members group by all;

-- One row per invoice and day on which what is owed on it changed, with what is owed from then until the next change. Who paid and
-- then got a credit note has something to his good; what is written off takes away whatever is left.
create table balances as
with bills as (
    select * from good_invoices where kind = 'Invoice'
), moves as (
    select invoice_id, issued as day, total as move from bills
    union all
    select invoice_id, received_local::date, -amount from good_payments semi join bills using (invoice_id)
    union all
    select credited_id, issued, -total from good_invoices where credited_id in (select invoice_id from bills)
), written_off as (
    select invoice_id, written_off as day, -sum(move) as move from moves inner join bills using (invoice_id) where written_off is not null group by all
), summed as (
    select invoice_id, day, sum(sum(move)) over (partition by invoice_id order by day) as owed
    from (select * from moves union all select * from written_off) group by invoice_id, day
)
select invoice_id, day, owed, coalesce(lead(day) over (partition by invoice_id order by day), date '9999-12-31') as until from summed;
insert into measures
with counted as (
    select grain, period, sum(owed) as owed, count(*)::decimal(18, 4) as bills_owed
    from periods inner join balances on last_day >= day and last_day < until where owed <> 0 group by all
)
select measure, grain, period, 'all', 'all', total from (unpivot counted on owed, bills_owed into name measure value total);
