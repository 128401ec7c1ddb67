-- One row per deal that survives and member of it.
create table deals_seen as
with named as (
    select
        good_deals.*, owners.name as owner, team, region, products.name as product, segment, industry
    from good_deals inner join owners using (owner_no) inner join products using (product_no)
    left join good_accounts using (account_no)
)
select *, unnest(of_deal(owner, team, region, product, segment, industry), recursive := true) from named;

insert into facts
with counted as (
    select
        close_date as day, dimension, member, nullif(count(*) filter (where status = 'Won'), 0) as opportunities_won,
        sum(amount) filter (where status = 'Won') as won_amount, sum(close_date - created_date) filter (where status = 'Won') as won_days,
        count(*) as closed_deals, sum(close_date - created_date) as closed_days
    from deals_seen where close_date is not null group by all
)
select measure, day, dimension, member, total
from (unpivot counted on opportunities_won, won_amount, won_days, closed_deals, closed_days into name measure value total);

-- Deals by the day they were created; those without one are in all alone.
insert into measures
with counted as (
    select grain, period, dimension, member, count(*) as created_deals, count(*) filter (where status = 'Won') as created_deals_won
    from deals_seen inner join periods on created_date between first_day and last_day or (grain = 'all' and created_date is null)
    where is_long group by all
)
select measure, grain, period, dimension, member, total
from (unpivot counted on created_deals, created_deals_won into name measure value total);

-- Deals open at the end of a period; one without a date is open in all.
insert into measures
with counted as (
    select grain, period, dimension, member, sum(amount) as open_amount, count(amount) as open_deals_with_amount
    from periods inner join deals_seen
    on (created_date <= last_day or (grain = 'all' and created_date is null)) and (close_date is null or close_date > last_day)
    where dimension = 'all' or is_long group by all
)
select measure, grain, period, dimension, member, total
from counted unpivot include nulls (total for measure in (open_amount, open_deals_with_amount));

-- Leads by the day they were created: how many there were, became a deal, and became one that was won.
insert into facts
with members as (
    select
        leads.created_date, leads.deal_no, won.deal_no as won_no,
        unnest(of_lead(replace(lower(channel), ' ', '_'), owners.name, team, region), recursive := true)
    from leads inner join owners using (owner_no)
    anti join lost('leads') as bad on bad.row_no = lead_no
    left join (select deal_no from good_deals where status = 'Won') as won on won.deal_no = leads.deal_no
), counted as (
    select created_date as day, dimension, member, count(*) as leads, count(deal_no) as leads_with_deal, count(won_no) as leads_won
    from members group by all
)
select measure, day, dimension, member, total from (unpivot counted on leads, leads_with_deal, leads_won into name measure value total);
