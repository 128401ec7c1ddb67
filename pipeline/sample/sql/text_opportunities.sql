-- The opportunities export: a full one as of the day called cut, then all that was created or closed since.
-- Dirt hits deals of at most the average amount: its share of money is then below its share of rows.
create table text_opportunities as
with delivered as (
    select
        deals.*, delivery, 'opportunities_' || if(delivery = 1, getvariable('cut')::date, getvariable('last')::date) as file,
        delivery = 1 and close_date > getvariable('cut')::date as is_open_yet,
        delivery = 2 and registered <= getvariable('cut')::date as replaces,
        avg(amount) over (partition by delivery) as usual_amount
    from deals cross join (values (1), (2)) as deliveries (delivery)
    where case delivery when 1 then registered <= getvariable('cut')::date
        else registered > getvariable('cut')::date or close_date > getvariable('cut')::date end
)
select
    deal_no * 4 + delivery as _no, deal_no as _sort,
    is_engaged and not replaces and not is_open_yet and coalesce(amount, 0) <= usual_amount as _eligible,
    null::varchar as _forced, replaces as _replaces, file as _file, null::varchar as _next_file, deal_id as _key,
    deal_id as "Opportunity ID", accounts.name || chr(10) || delivered.quantity || ' x "' || products.name || '"' as "Opportunity Name",
    case when names_account then account_id end as "Account ID", 'U' || lpad(delivered.owner_no::varchar, 3, '0') as "Owner ID",
    products.name as "Product", case when is_open_yet then 'Open' else status end as "Status",
    case when is_open_yet then 'Proposal' else stage end as "Stage", format('{:,.2f}', amount::double) as "Amount", 'USD' as "Currency",
    delivered.created_date::varchar as "Created Date", case when not is_open_yet then close_date end::varchar as "Close Date",
    expected_close_date::varchar as "Expected Close",
    strftime(case when is_open_yet or close_date is null then registered + interval 15 hour else close_date + interval 23 hour end, '%Y-%m-%dT%H:%M:%SZ')
        as "Last Modified"
from delivered inner join accounts using (account_no) inner join products using (product_no);
