-- One row per owner (a sales role, never a person's name).
create table owners as
select
    owner_no::integer as owner_no, 'U' || lpad(owner_no::varchar, 3, '0') as owner_id,
    'Owner ' || lpad(owner_no::varchar, 2, '0') as name,
    'owner' || lpad(owner_no::varchar, 2, '0') || '@example.com' as email,
    ['Inside Sales', 'Key Accounts', 'Partners', 'New Business'][(owner_no - 1) % 4 + 1] as team,
    ['Americas', 'Europe', 'Asia Pacific'][(owner_no - 1) % 3 + 1] as region
from range(1, 17) as listed (owner_no);

-- One row per account. segment_no: 1 small business, 2 mid-market, 3 enterprise.
create table accounts as
with drawn as (
    select account_no, case when draw(20, account_no, 100) < 50 then 1 when draw(20, account_no, 100) < 85 then 2 else 3 end as segment_no
    from range(1, greatest(12, round(240 * getvariable('scale'))::bigint) + 1) as listed (account_no)
)
select
    account_no, 'A' || lpad(account_no::varchar, 7, '0') as account_id, segment_no,
    ['Bral', 'Quor', 'Velm', 'Tarn', 'Zeph', 'Oxal', 'Drem', 'Yund', 'Skel', 'Froz', 'Grel', 'Pluv'][draw(21, account_no, 12) + 1]
        || ['ona', 'ixo', 'erra', 'umba', 'ado', 'enti', 'usk', 'ivo', 'ambe'][draw(22, account_no, 9) + 1]
        || [' Works', ' Supply', ', Inc.', ' & Co', ' Group', ' "North"'][draw(23, account_no, 6) + 1]
        || ' ' || account_no as name,
    ['retail', 'technology', 'hospitality', 'education', 'health', 'manufacturing'][draw(24, account_no, 6) + 1] as industry,
    ['small business', 'mid-market', 'enterprise'][segment_no] as segment,
    ['United States', 'Canada', 'United Kingdom', 'Germany', 'France'][greatest(draw(25, account_no, 9) - 3, 1)] as country,
    [5, 60, 600][segment_no] + draw(26, account_no, [45, 400, 4000][segment_no]) as employees,
    case when account_no > 10 and draw(27, account_no, 12) = 0 then 'A' || lpad((1 + draw(28, account_no, 10))::varchar, 7, '0') end as parent_id,
    (1 + draw(29, account_no, 16))::integer as owner_no,
    (getvariable('start')::date - 30 - draw(30, account_no, 700))::date as created_date
from drawn;

-- Nobody sells at the weekend: the Friday before, or the first day when that is earlier.
create macro weekday(day) as greatest(day::date - greatest(isodow(day) - 5, 0)::integer, getvariable('start')::date)::date;

-- One row per deal as it stands on the last day. order_product, quantity and discount become the order of a won deal.
-- A deal never engaged has no dates and no amount; its registered day only says which export it is first in.
create table deals as
with listed as (
    select deal_no, floor((deal_no - 0.5) * getvariable('days') / getvariable('deals'))::integer as day_no
    from range(1, getvariable('deals')::bigint + 1) as numbers (deal_no)
), drawn as (
    select
        deal_no, accounts.account_no, accounts.segment_no, accounts.owner_no, accounts.country, day_no,
        weekday(getvariable('start')::date + day_no) as registered,
        picked(draw(32, deal_no, 1000), day_no) as product_no,
        [5, 15, 50][accounts.segment_no] + draw(33, deal_no, [16, 46, 101][accounts.segment_no]) as quantity,
        [5, 10, 15][accounts.segment_no] + draw(34, deal_no, 3) * 5 as discount,
        [6, 15, 40][accounts.segment_no] + draw(35, deal_no, [30, 60, 110][accounts.segment_no])
            + case when draw(36, deal_no, 100) < 12 then 200 else 0 end as cycle,
        draw(37, deal_no, 100) < [52, 46, 38][accounts.segment_no] + [6, 2, -2, -6][(accounts.owner_no - 1) % 4 + 1] as is_winner,
        draw(38, deal_no, 100) >= 5 as is_engaged,
        draw(39, deal_no, 100) >= 4 as names_account
    from listed inner join accounts on accounts.account_no = 1 + draw(31, deal_no, (select count(*) from accounts))
), closing as (
    select *, greatest(registered, weekday(registered + cycle::integer)) as closing
    from drawn
), settled as (
    select
        *,
        case when not is_engaged or closing > getvariable('last')::date then 'Open' when is_winner then 'Won' else 'Lost' end as status,
        (getvariable('last')::date - registered) * 3 // cycle as progress
    from closing
)
select
    deal_no, 'OPP-' || lpad(deal_no::varchar, 8, '0') as deal_id, account_no, names_account, segment_no, owner_no, country, product_no, quantity,
    discount, reduced(list_price, discount) as unit_price, registered, status,
    case when is_engaged then registered end as created_date,
    case when status <> 'Open' then closing end as close_date,
    case
        when status <> 'Open' then greatest(registered, closing - 25 + draw(42, deal_no, 50)::integer)
        when is_engaged then greatest(closing, getvariable('last')::date + 14)
    end as expected_close_date,
    case
        when not is_engaged then 'Prospecting' when status <> 'Open' then 'Closed ' || status
        when progress < 1 then 'Qualification' when progress < 2 then 'Proposal' else 'Negotiation'
    end as stage,
    is_engaged,
    case when stage not in ('Prospecting', 'Qualification') or (is_engaged and draw(40, deal_no, 100) >= 30)
        then (quantity * unit_price)::decimal(18, 2) end as amount
from settled inner join products using (product_no);
