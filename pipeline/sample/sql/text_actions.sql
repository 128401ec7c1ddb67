-- The actions sheet. A-03 is the one that worked: its effect on paid search is planted in the sessions.
-- Dirt hits no action that is the only one of its status.
create table text_actions as
with listed as (
    select * from (values
        (1, 'Shorter product pages', 'Web', 'Low', -400, -340, -345, 'done', 'session_conversion_rate', 'device', 'mobile', 'desktop',
         'Fewer visitors leave on the phone', '4000', 'Pages look bare', 'Conversion on mobile is up for four weeks'),
        (2, 'Second newsletter a week', 'Marketing', 'Medium', -250, -190, -200, 'dropped', 'sessions', 'channel', 'email', 'referral',
         '+20 % sessions from email', '1500', 'More people unsubscribe', 'Sessions from email rise by a fifth'),
        (3, 'One-page checkout for paid search', 'Web', 'High', null, -20, -30, 'done', 'session_conversion_rate', 'channel', 'paid_search',
         'organic_search', '+3 points conversion', '12000', 'Payment errors rise',
         'Conversion of paid search is three points higher for eight weeks'),
        (4, 'Photo of the packed parcel', 'Logistics', 'Medium', -120, -10, null, 'running', 'refund_rate_amount', 'all', 'all', null,
         'Fewer refunds for damage', '2500', 'Packing takes longer', 'Refund rate is under 5 % for two months'),
        (5, 'Call back open deals after a week', 'Sales', 'High', -45, 40, null, 'running', 'win_rate_closed', 'team', 'Inside Sales', 'Partners',
         '+3 points win rate', null, 'Less time for new deals', 'Win rate of Inside Sales is over 55 %'),
        (6, 'Bundle price for lamps', 'Finance', 'Medium', 10, 70, null, 'accepted', 'average_order_value', 'all', 'all', null, '+5 % order value',
         '0', 'Margin falls', 'Average order value is 5 % higher at the same margin'),
        (7, 'Gift wrapping in December', 'Marketing', 'Low', 31, 60, null, 'proposed', 'orders', 'all', 'all', null, null, '3000', null, null),
        (8, 'Trade fair in spring', 'Sales', 'Low', null, 150, null, 'proposed', 'won_amount', 'region', 'Europe', 'Americas', 'Ten new accounts',
         '18000', 'No budget', 'Ten accounts created at the fair')
    ) as rows (no, title, owner, priority, from_day, due_day, end_day, status, kpi_id, dimension, member, control_member, effect, cost, risk, done_when)
)
select
    no as _no, no as _sort, no <> 3 and count(*) over (partition by status) > 1 as _eligible, null::varchar as _forced, false as _replaces,
    'actions' as _file, null::varchar as _next_file,
    'A-' || lpad(no::varchar, 2, '0') as _key, _key as "Action", title as "Title", 'Prepare; try on a few; measure; then for all' as "Steps", owner as "Owner",
    priority as "Priority", (if(no = 3, getvariable('action_day')::date, getvariable('last')::date + from_day))::varchar as "Start",
    (getvariable('last')::date + due_day)::varchar as "Due", (getvariable('last')::date + end_day)::varchar as "End", status as "Status",
    kpi_id as "KPI", dimension as "Dimension", member as "Member", control_member as "Compare with", effect as "Expected effect", cost as "Cost",
    risk as "Risk", done_when as "Done when"
from listed;
