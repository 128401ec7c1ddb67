-- A made-up shop of 26 months: kpis.*, marts.dim_actions, marts.dim_notes and ops.* as the stages before the report leave them.
-- Counted to 4 November 2026; the CRM's newest delivery failed, so its KPIs end on 23 October; nobody delivers surveys.
create table kpis.kpi_catalog as
select
    *, 'Defined as ' || formula_en as description, 'period' as reach, cast(null as varchar) as decomposition, 1 as definition_version
from (values
    ('sessions', 'Sessions', '会话数', 'sessions that start in the period', '期间内开始的会话', 'count', 'additive', 'up', 'web', 'input', 'Growth', 'day,week,month,quarter,year,all', 'channel', 'analytics.sessions'),
    ('active_users', 'Active users', '活跃用户', 'distinct users with a session', '有会话的用户数', 'count', 'distinct', 'up', 'web', 'input', 'Growth', 'day,week,month,quarter,year,all', '', 'analytics.sessions'),
    ('session_conversion_rate', 'Session conversion rate', '会话转化率', 'sessions with an order / sessions', '有订单的会话 / 会话数', 'fraction', 'ratio', 'up', 'web', 'input', 'Web', 'day,week,month,quarter,year,all', 'channel', 'analytics.sessions,finance.orders'),
    ('new_customers', 'New customers', '新客户', 'customers with a first-ever order', '首次下单的客户', 'count', 'additive', 'up', 'sales', 'input', 'Growth', 'day,week,month,quarter,year,all', '', 'finance.orders'),
    ('orders', 'Orders', '订单数', 'orders placed, neither cancelled nor tests', '有效订单数', 'count', 'additive', 'up', 'finance', 'output', 'Sales', 'day,week,month,quarter,year,all', 'channel', 'finance.orders'),
    ('gross_revenue', 'Gross revenue', '总收入', 'amounts of orders after discounts', '折后订单金额', 'money', 'additive', 'up', 'finance', 'output', 'Sales', 'day,week,month,quarter,year,all', 'channel', 'finance.orders'),
    ('refund_amount', 'Refunds', '退款额', 'money refunded', '退款金额', 'money', 'additive', 'down', 'finance', 'output', 'Finance', 'day,week,month,quarter,year,all', '', 'finance.refunds'),
    ('net_revenue', 'Net revenue', '净收入', 'gross revenue − refunds', '总收入 − 退款', 'money', 'additive', 'up', 'finance', 'output', 'Sales', 'day,week,month,quarter,year,all', 'channel', 'finance.orders,finance.refunds'),
    ('refund_rate_amount', 'Refund rate by amount', '退款率(金额)', 'money refunded / gross revenue', '退款额 / 总收入', 'fraction', 'ratio', 'down', 'finance', 'output', 'Finance', 'month,quarter,year,all', '', 'finance.orders,finance.refunds'),
    ('average_order_value', 'Average order value', '客单价', 'gross revenue / orders', '总收入 / 订单数', 'money', 'average', 'up', 'finance', 'output', 'Sales', 'day,week,month,quarter,year,all', '', 'finance.orders'),
    ('days_to_refund', 'Days to refund', '退款天数', 'calendar days from order to refund', '下单到退款的天数', 'days', 'average', 'none', 'finance', 'output', 'Finance', 'month,quarter,year,all', '', 'finance.orders,finance.refunds'),
    ('won_amount', 'Won amount', '赢单金额', 'amount of won deals', '赢单金额合计', 'money', 'additive', 'up', 'crm', 'output', 'Sales', 'day,week,month,quarter,year,all', '', 'crm.opportunities'),
    ('win_rate_closed', 'Win rate of closed deals', '赢单率(已关闭)', 'won deals / won and lost deals', '赢单数 / 已关闭数', 'fraction', 'ratio', 'up', 'crm', 'output', 'Sales', 'day,week,month,quarter,year,all', '', 'crm.opportunities'),
    ('open_pipeline_amount', 'Open pipeline', '在途商机金额', 'amount of deals open at the end', '期末未关闭商机金额', 'money', 'stock', 'up', 'crm', 'output', 'Sales', 'day,week,month,quarter,year,all', '', 'crm.opportunities'),
    ('csat', 'Customer satisfaction', '客户满意度', 'ratings 4 and 5 / answers', '4分和5分 / 回答数', 'fraction', 'ratio', 'up', 'feedback', 'output', 'Service', 'week,month,quarter,year,all', '', 'feedback.responses')
) as c (kpi_id, name_en, name_zh, formula_en, formula_zh, unit, kind, direction, domain, role, owner, grains, dimensions, sources);

-- one row per day: every measure the KPIs are made of
create temp table days as
select
    day, cast(sessions as bigint) as sessions, cast(round(sessions * rate) as bigint) as orders,
    cast(round(sessions * rate * 0.7) as bigint) as customers,
    cast(round(sessions * rate * 58.4 * lift, 2) as decimal(18, 4)) as revenue,
    cast(round(sessions * rate * 58.4 * lift * 0.045, 2) as decimal(18, 4)) as refunds,
    case when day <= date '2026-10-23' then cast(2 + hash(day) % 3 as bigint) end as won,
    case when day <= date '2026-10-23' then cast(4 + hash(day) % 5 as bigint) end as closed
from (
    select
        day, round((300 + 0.35 * n) * (1 + 0.18 * sin(n / 58.0)) * (case when isodow(day) > 5 then 0.72 else 1.08 end) + hash(day) % 41) as sessions,
        0.026 + 0.000006 * n - (case when day >= date '2026-10-11' then 0.004 else 0 end) as rate, 1 + 0.00008 * n as lift
    from (select unnest(generate_series(date '2024-09-01', date '2026-11-04', interval 1 day))::date as day, day - date '2024-09-01' as n)
);

create temp table spans as
select g.grain, day, case g.grain
    when 'day' then day when 'week' then date_trunc('week', day)::date when 'month' then date_trunc('month', day)::date
    when 'quarter' then date_trunc('quarter', day)::date else date_trunc('year', day)::date end as period_start
from days, (values ('day'), ('week'), ('month'), ('quarter'), ('year')) as g (grain);

create temp table totals as
select
    s.grain, period_start, sum(sessions) as sessions, sum(orders) as orders, sum(customers) as customers, sum(revenue) as revenue, sum(refunds) as refunds,
    sum(won) as won, sum(closed) as closed, round(sum(sessions * (case s.grain when 'day' then 0.95 when 'week' then 0.8 else 0.6 end))) as users
from spans as s inner join days using (day) group by all;

create table kpis.kpi_values as
with measured as (
    select grain, period_start, unnest([
        {'kpi_id': 'sessions', 'numerator': sessions, 'denominator': null}, {'kpi_id': 'active_users', 'numerator': users, 'denominator': null},
        {'kpi_id': 'session_conversion_rate', 'numerator': orders, 'denominator': sessions}, {'kpi_id': 'new_customers', 'numerator': customers, 'denominator': null},
        {'kpi_id': 'orders', 'numerator': orders, 'denominator': null}, {'kpi_id': 'gross_revenue', 'numerator': revenue, 'denominator': null},
        {'kpi_id': 'refund_amount', 'numerator': refunds, 'denominator': null}, {'kpi_id': 'net_revenue', 'numerator': revenue - refunds, 'denominator': null},
        {'kpi_id': 'refund_rate_amount', 'numerator': refunds, 'denominator': revenue}, {'kpi_id': 'average_order_value', 'numerator': revenue, 'denominator': orders},
        {'kpi_id': 'days_to_refund', 'numerator': orders * 0.3, 'denominator': orders * 0.04}, {'kpi_id': 'won_amount', 'numerator': won * 2360.5, 'denominator': null},
        {'kpi_id': 'win_rate_closed', 'numerator': won, 'denominator': closed}, {'kpi_id': 'open_pipeline_amount', 'numerator': won * 900 + 41000, 'denominator': null}
    ]::struct(kpi_id varchar, numerator decimal(18, 4), denominator decimal(18, 4))[], recursive := true) from totals
)
select
    kpi_id, grain, case grain
        when 'day' then strftime(period_start, '%Y-%m-%d') when 'week' then strftime(period_start, '%G-W%V') when 'month' then strftime(period_start, '%Y-%m')
        when 'quarter' then year(period_start) || '-Q' || quarter(period_start) else strftime(period_start, '%Y') end as period,
    period_start, cast(case grain
        when 'day' then period_start when 'week' then period_start + 6 when 'month' then last_day(period_start)
        when 'quarter' then period_start + interval 3 month - interval 1 day else period_start + interval 1 year - interval 1 day end as date) as period_end,
    'all' as dimension, 'all' as member, numerator, denominator, (case when denominator is null then numerator else numerator / nullif(denominator, 0) end)::double as value
from measured inner join kpis.kpi_catalog using (kpi_id)
where list_contains(string_split(grains, ','), grain) and numerator is not null;

insert into kpis.kpi_values
select kpi_id, grain, period, period_start, period_end, 'channel', m.member, numerator * m.share, null, value * m.share
from kpis.kpi_values, (values ('paid_search', 0.41), ('organic', 0.37), ('unknown', 0.22)) as m (member, share)
where kpi_id in ('orders', 'net_revenue') and grain = 'month';

create temp table targets as
select * from (values
    ('net_revenue', 'all', 'all', 1.03), ('orders', 'all', 'all', 1.004), ('sessions', 'all', 'all', 0.96), ('session_conversion_rate', 'all', 'all', 1.08),
    ('refund_rate_amount', 'all', 'all', 0.93), ('new_customers', 'all', 'all', 0.97), ('won_amount', 'all', 'all', 0.9), ('net_revenue', 'channel', 'organic', 0.94)
) as t (kpi_id, dimension, member, share);

create table kpis.kpi_scorecard as
-- a period counted in part is compared with the same share of the earlier ones
with elapsed as (
    select kpi_id, grain, period_start, dimension, member, case when kind = 'additive' then least(1, (last_day - period_start + 1) / (period_end - period_start + 1)) when last_day >= period_end then 1 when kind = 'ratio' then 1 end as share
    from (
        select v.*, c.kind, case when c.sources like 'crm%' then date '2026-10-23' else date '2026-11-04' end as last_day
        from kpis.kpi_values as v inner join kpis.kpi_catalog as c using (kpi_id)
    )
), earlier as (
    select v.*, c.unit, c.kind, c.direction, p.value * e.share as previous_value, y.value * e.share as year_ago_value, round(v.value * t.share, case when c.unit = 'fraction' then 4 else 0 end) as target,
        v.period_end <= (case when c.sources like 'crm%' then date '2026-10-23' else date '2026-11-04' end) as is_complete
    from kpis.kpi_values as v
    inner join kpis.kpi_catalog as c using (kpi_id)
    inner join elapsed as e on v.kpi_id = e.kpi_id and v.grain = e.grain and v.period_start = e.period_start and v.dimension = e.dimension and v.member = e.member
    left join targets as t on v.kpi_id = t.kpi_id and v.dimension = t.dimension and v.member = t.member and v.grain = 'month'
    left join kpis.kpi_values as p on v.kpi_id = p.kpi_id and v.grain = p.grain and v.dimension = p.dimension and v.member = p.member and p.period_end = v.period_start - 1
    left join kpis.kpi_values as y on v.kpi_id = y.kpi_id and v.grain = y.grain and v.dimension = y.dimension and v.member = y.member
        and y.period_start = (case when v.grain = 'week' then v.period_start - interval 52 week else v.period_start - interval 1 year end)::date
)
select
    kpi_id, grain, period, period_start, period_end, dimension, member, numerator, denominator, value, target,
    case when kpi_id = 'session_conversion_rate' and grain = 'month' then 0.03 end as benchmark, case when target is null then null else 'a survey of shops' end as benchmark_source,
    case when target is null then null else 'Commercial' end as target_owner,
    case when is_complete then (case when direction = 'down' then 2 - value / nullif(target, 0) else value / nullif(target, 0) end) end as attainment,
    case when is_complete then (case when direction = 'down' then value <= target else value >= target end) end as is_met,
    previous_value, year_ago_value,
    (value - previous_value) * (case when unit = 'fraction' then 100 else 1 end) as change, case when unit = 'fraction' then null else (value - previous_value) / nullif(abs(previous_value), 0) end as change_rate,
    (value - year_ago_value) * (case when unit = 'fraction' then 100 else 1 end) as year_ago_change, case when unit = 'fraction' then null else (value - year_ago_value) / nullif(abs(year_ago_value), 0) end as year_ago_change_rate,
    is_complete, case when kpi_id in ('won_amount', 'win_rate_closed', 'open_pipeline_amount') then 'stale' else 'current' end as source_status
from earlier;

create table marts.dim_actions as
select * from (values
    ('planning:A-17', 'A-17', null, 'Shorten the checkout', 'Drop the second address page', 'Web', 'high', date '2026-10-03', date '2026-10-20', date '2026-10-19', 'done', 'session_conversion_rate', 'channel', 'paid_search', 'organic', '+0.3 points of conversion', 1900.00, 'fewer newsletter sign-ups', 'conversion above 2.9 % for 14 days'),
    ('planning:A-18', 'A-18', null, 'Win-back mail to customers of last winter', null, 'Growth', 'medium', date '2026-10-12', date '2026-11-15', null, 'running', 'orders', null, null, null, '40 orders a month', 600.00, null, '40 orders from the mail'),
    ('planning:A-19', 'A-19', null, 'New price page', null, 'Sales', 'low', date '2026-12-01', date '2026-12-20', null, 'accepted', 'net_revenue', null, null, null, null, null, null, null),
    ('planning:A-11', 'A-11', null, 'Packaging with return label', null, 'Finance', 'high', date '2026-05-01', date '2026-06-30', date '2026-07-02', 'done', 'refund_rate_amount', null, null, null, null, null, null, null)
) as a (action_key, action_id, recommendation_id, title, steps, owner, priority, start_date, due_date, end_date, status, kpi_id, dimension, member, control_member, expected_effect, cost, risk, done_when);

create table marts.dim_notes as
select * from (values
    ('planning:N-1', 'N-1', '2026-10', 'explanation', 'session_conversion_rate', null, 'Web team', 'Card payments failed for two hours on 11 October; the provider confirmed it.'),
    ('planning:N-2', 'N-2', '2026-10', 'lesson', null, null, 'Growth team', 'Two campaigns started in the same week cannot be told apart: start them apart.'),
    ('planning:N-3', 'N-3', '2026-10', 'team', null, null, 'Sales team', 'Two colleagues joined the key account team.'),
    ('planning:N-4', 'N-4', '2026-09', 'lesson', null, null, 'Web team', 'A note of another month.')
) as n (note_key, note_id, period, kind, kpi_id, problem_id, author, text);

insert into ops.company values ('Harbour Goods', 'America/New_York', 'USD', 1, date '2026-11-04', 3);
insert into ops.headline values (1, 'net_revenue'), (2, 'orders'), (3, 'sessions'), (4, 'session_conversion_rate'), (5, 'refund_rate_amount'), (6, 'new_customers'), (7, 'won_amount'), (8, 'csat');

insert into ops.source_status values
    ('analytics', 'analytics.sessions', 'analytics', '2024-09-01', '2026-11-04', 'current', null, null, 'a-26', '2026-11-05 04:00:00', 380000, 12),
    ('shop', 'finance.orders', 'shop', '2024-09-01', '2026-11-04', 'current', null, null, 'o-26', '2026-11-05 04:00:00', 12380, 41),
    ('shop', 'finance.refunds', 'shop', '2024-09-01', '2026-11-04', 'current', null, null, 'r-26', '2026-11-05 04:00:00', 640, 0),
    ('crm', 'crm.opportunities', 'crm', '2024-09-01', '2026-10-23', 'stale', '2026-10-24', 'the export lacks its column deal_stage', 'c-25', '2026-10-24 04:00:00', 5200, 3),
    (null, 'feedback.responses', null, null, null, 'no_source', null, 'nobody delivers it', null, null, 0, 0);

insert into ops.loads
select
    left(s.source, 1) || substr(entity, strpos(entity, '.') + 1, 1) || '-' || n, source, split_part(entity, '.', 2), entity, source, split_part(entity, '.', 2) || '_' || n || '.csv', 'sha', 1000, 'loaded', null,
    (600 + n) * 10, (600 + n) * 10 - 6 - n % 3 - gone, n % 3, 4, 2, 0, 0, 0, '{}', (date '2024-09-01' + interval (n) month)::date, last_day((date '2024-09-01' + interval (n) month)::date), 'recipe', 'run-1', timestamp '2026-11-05 04:00:00', gone, null
from (select *, case entity when 'finance.refunds' then 3 else 0 end as gone from ops.source_status) as s, range(27) as r (n)
where s.source is not null and not (s.entity = 'crm.opportunities' and n > 25);

insert into ops.check_results
select load_id, source, export, entity, 'orders_amount_not_negative', 'expect_column_values_to_be_between', 'amount', 'warning', 'quarantine', 'a negative amount is a refund in disguise', n > 0, rows_read, case when n > 0 then 0 else 3 end, '["-12.50", "-3.00"]', loaded_at
from (select *, row_number() over (partition by entity order by first_day desc) - 2 as n from ops.loads where entity = 'finance.orders');

insert into ops.corrections
select load_id, source, export, entity, 'synonyms', 'status', 14, '["Complete → completed", "COMPLETED → completed"]', 'people differ in case alone' from ops.loads where entity = 'finance.orders';

insert into ops.reconciliation by name
select *, left_value - right_value as difference from (values
    ('won_deals_orders', 'cross_system', 'won deals in the CRM', 'orders of companies', 81450.0000, 80910.0000, 100.0000, false, null, 'all', date '2026-08-01', date '2026-10-31', 'a deal that is won is ordered'),
    ('won_deals_orders/2026-08', 'cross_system_month', 'won deals in the CRM', 'orders of companies', 27150.0000, 27150.0000, 100.0000, true, null, '2026-08', date '2026-08-01', date '2026-08-31', 'a deal that is won is ordered'),
    ('won_deals_orders/2026-09', 'cross_system_month', 'won deals in the CRM', 'orders of companies', 27150.0000, 26760.0000, 100.0000, false, null, '2026-09', date '2026-09-01', date '2026-09-30', 'a deal that is won is ordered'),
    ('won_deals_orders/2026-10', 'cross_system_month', 'won deals in the CRM', 'orders of companies', 27150.0000, 27000.0000, 100.0000, false, null, '2026-10', date '2026-10-01', date '2026-10-31', 'a deal that is won is ordered'),
    ('orders_purchases', 'cross_system', 'orders', 'purchases in web analytics', 640.0000, 640.0000, 5.0000, true, null, 'all', date '2026-08-01', date '2026-10-31', 'an order is a purchase'),
    ('sessions_daily', 'cross_system', 'sessions', 'sessions in aggregates', null, null, null, null, 'no_rows_right', 'all', date '2026-08-01', date '2026-10-31', 'both count the same visits'),
    ('o-1:rows', 'delivery', 'rows read', 'rows accounted for', 6010.0000, 6010.0000, 0.0000, true, 'orders_1.csv', 'all', null, null, null)
) as r (check_id, kind, left_label, right_label, left_value, right_value, tolerance, is_within, detail, period, first_day, last_day, reason);

insert into ops.loads by name
select 'file:deals_26.csv' as load_id, 'crm' as source, 'opportunities' as export, 'crm.opportunities' as entity, 'crm' as namespace, 'deals_26.csv' as file,
    'refused' as status, 'deals_26.csv: the columns differ' as reason, timestamp '2026-10-24 04:00:00' as loaded_at;

insert into quarantine.rows by name
select load_id, source, export, entity, file, n as source_row, load_id || '-' || n as row_id, 'cast:amount' as rule, 'the value is no money' as reason, '{"total": "12 or so"}' as raw
from ops.loads, range(1, 3) as r (n)
where entity = 'finance.orders' and n <= rows_quarantined;

insert into ops.schema_changes by name
select * from (
    select load_id, source, export, file, 'new' as kind, 'coupon' as column_name, 'new columns: coupon' as detail, 'evolve' as schema_mode, true as is_accepted, 'run-1' as run_id, loaded_at as noted_at
    from ops.loads where entity = 'finance.orders' and first_day = date '2026-10-01'
    union all
    select 'c-26', 'crm', 'opportunities', 'deals_26.csv', 'missing', 'deal_stage', 'missing columns: deal_stage', 'freeze', false, 'run-1', timestamp '2026-10-24 04:00:00'
);
