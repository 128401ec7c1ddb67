-- Facts of the company that look like dirt and are not: nothing is lost, repaired or refused.
insert into planted
select 'orders', 'orders_' || strftime(order_date, '%Y-%m'), 'session_not_in_analytics', 'kept', order_no, order_id from orders
where session_no is not null and not is_tracked;
insert into planted
select 'opportunities', null, kind, 'kept', deal_no, deal_id
from deals cross join (values ('without_account'), ('never_engaged'), ('open_without_amount')) as kinds (kind)
where case kind when 'without_account' then not names_account when 'never_engaged' then not is_engaged else is_engaged and amount is null end;

-- One row per covered day, grain and the period it lies in. period_no: in their order; is_long: as long as a month at least.
create table day_periods as
select day, grain, period, grain not in ('day', 'week') as is_long, period_start, dense_rank() over (order by grain, period_start) as period_no from (
    select day, unnest([
        {'grain': 'day', 'period': day::varchar, 'period_start': day},
        {'grain': 'week', 'period': strftime(day, '%G-W%V'), 'period_start': date_trunc('week', day)::date},
        {'grain': 'month', 'period': strftime(day, '%Y-%m'), 'period_start': month},
        {'grain': 'quarter', 'period': year(day) || '-Q' || quarter(day), 'period_start': date_trunc('quarter', day)::date},
        {'grain': 'year', 'period': year(day)::varchar, 'period_start': date_trunc('year', day)::date},
        {'grain': 'all', 'period': 'all', 'period_start': getvariable('start')::date}
    ], recursive := true) from days
);

-- One row per period with its covered days.
create table periods as
select period_no, grain, period, is_long, period_start, min(day) as first_day, max(day) as last_day, count(*) as days from day_periods group by all;

-- What is counted: one row per measure, day and member with its sum, and the same of each period. Days and weeks have totals alone.
create table facts (measure varchar, day date, dimension varchar, member varchar, total decimal(18, 4));
create table measures (measure varchar, grain varchar, period varchar, dimension varchar, member varchar, total decimal(18, 4));

-- The rows of an export that end in quarantine, and those hit by one kind of dirt.
create macro lost(of_export) as table select row_no from spoiled where export = of_export;
create macro hit(of_export, of_kind) as table select row_no from planted where export = of_export and kind = of_kind;

-- A row's members: the total, and one of each dimension.
create macro member_of(dimension, member) as {'dimension': dimension, 'member': coalesce(member::varchar, 'unknown')};
create macro of_total() as member_of('all', 'all');
create macro of_session(channel, device, country) as [
    of_total(), member_of('channel', channel), member_of('device', device), member_of('country', country),
    member_of('channel+device', coalesce(channel::varchar, 'unknown') || '+' || coalesce(device::varchar, 'unknown'))
];
create macro of_goods(channel, device, country, product) as list_append(of_session(channel, device, country), member_of('product', product));
create macro of_customer(channel, country) as [of_total(), member_of('channel', channel), member_of('country', country)];
create macro of_deal(owner, team, region, product, segment, industry) as [
    of_total(), member_of('owner', owner), member_of('team', team), member_of('region', region), member_of('product', product),
    member_of('segment', segment), member_of('industry', industry)
];
create macro of_lead(channel, owner, team, region) as [
    of_total(), member_of('channel', channel), member_of('country', null), member_of('industry', null), member_of('owner', owner),
    member_of('team', team), member_of('region', region)
];
create macro of_two(one, member_of_one, other, member_of_other) as [
    of_total(), member_of(one, member_of_one), member_of(other, member_of_other)
];
