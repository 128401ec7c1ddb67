-- One row per lead. Seven of ten deals began as one; of every other lead came nothing. What leads come by decides how many
-- become deals: most of those that became one were recommended, most of the others clicked an advertisement.
create table leads as
with turned as (
    select
        deal_no * 2 as key, deal_no, owner_no, registered as converted_date,
        greatest(registered - 2 - draw(64, deal_no, 40), getvariable('start')::date) as created_date,
        ['Referral', 'Organic Search', 'Referral', 'Paid Search', 'Direct', 'Email'][draw(66, deal_no, 6) + 1] as channel
    from deals where draw(65, deal_no, 100) < 70
), lost as (
    select
        lost_no * 2 + 1 as key, null as deal_no, 1 + draw(67, lost_no, 16) as owner_no, null as converted_date,
        getvariable('start')::date + floor((lost_no - 0.5) * getvariable('days') / round(getvariable('deals') * 2.2))::integer as created_date,
        ['Paid Search', 'Paid Social', 'Paid Search', 'Organic Search', 'Email', 'Direct', 'Referral', null][draw(68, lost_no, 8) + 1] as channel
    from range(1, round(getvariable('deals') * 2.2)::bigint + 1) as numbers (lost_no)
), together as (
    select * from turned union all select * from lost
)
select
    row_number() over (order by created_date, key) as lead_no, 'LD-' || lpad(lead_no::varchar, 7, '0') as lead_id, deal_no, owner_no, channel,
    created_date, converted_date, created_date + interval 9 hour + draw(69, key, 32400) * interval 1 second as created_local,
    converted_date + interval 19 hour as converted_local,
    case
        when deal_no is not null then 'Converted' when created_date > getvariable('last')::date - 7 then 'New'
        else ['Working', 'Qualified', 'Unqualified', 'Unqualified'][draw(72, key, 4) + 1]
    end as status,
    case when channel in ('Paid Search', 'Paid Social') then ['brand', 'generic', 'remarketing'][draw(73, key, 3) + 1] end as campaign,
    ['Web form', 'Newsletter', 'Telephone', 'Trade fair'][draw(74, key, 4) + 1] as lead_source
from together;
