-- One row per entity, measure, day and row that counts: what a loader has to find by adding up. Rows beyond repair are left out;
-- a repaired row counts as it was meant.
create view counted as
select 'crm.leads' as entity, 'leads' as measure, created_date as day, 1 as total, 'leads' as export, lead_no as row_no from leads
union all select 'crm.leads', 'converted', converted_date, 1, 'leads', lead_no from leads where converted_date is not null
union all select 'analytics.channel_daily', 'sessions', strptime("date", '%Y%m%d')::date, "sessions"::bigint, 'channel_daily', _no from text_channel_daily
union all select 'analytics.channel_daily', 'purchase_sessions', strptime("date", '%Y%m%d')::date, "purchaseSessions"::bigint, 'channel_daily', _no from text_channel_daily
union all select 'marketing.spend_daily', 'cost', day, cost, 'spend', spend_no from spend
union all select 'marketing.spend_daily', 'impressions', day, impressions, 'spend', spend_no from spend
union all select 'social.posts', 'posts', day, 1, 'posts', post_no from posts
union all select 'social.posts', 'reach', day, reach, 'posts', post_no from posts
union all select 'social.posts', 'engagements', day, reactions + comments + shares, 'posts', post_no from posts
union all select 'social.followers_daily', 'readings', day, 1, 'followers', reading_no from followers
union all select 'social.followers_daily', 'followers', day, followers, 'followers', reading_no from followers
union all select 'finance.payments', 'received', received_local::date, 1, 'payments', payment_no from payments where status = 'Succeeded' and not is_lost
union all select 'finance.payments', 'amount', received_local::date, amount, 'payments', payment_no from payments where status = 'Succeeded' and not is_lost
union all select 'finance.payments', 'failed', attempted_local::date, 1, 'payments', payment_no from payments where status = 'Failed' and not is_lost
union all select 'finance.invoices', 'issued', issued, total, 'invoices', invoice_no from invoices where kind = 'Invoice'
union all select 'finance.invoices', 'credited', issued, total, 'invoices', invoice_no from invoices where kind = 'Credit note'
union all select 'finance.invoices', 'paid', paid, total, 'invoices', invoice_no from invoices where paid is not null
union all select 'finance.subscriptions', 'amount', effective, amount, 'subscriptions', price_no from subscriptions
union all select 'finance.expenses', 'amount', day, amount, 'expenses', expense_no from expenses
union all select 'finance.expenses', 'not_operating', day, amount, 'expenses', expense_no from expenses where not is_operating
union all select 'finance.expenses', 'ad_platforms', day, amount, 'expenses', expense_no from expenses where is_ad_platform
union all select 'finance.fx_rates', 'rates', day, 1, 'fx_rates', rate_no from fx_rates
union all select 'feedback.responses', 'csat_answers', day, 1, 'responses', response_no from responses where kind = 'CSAT'
union all select 'feedback.responses', 'csat_satisfied', day, 1, 'responses', response_no from responses where kind = 'CSAT' and score >= 4
union all select 'feedback.responses', 'nps_promoters', day, 1, 'responses', response_no from responses where kind = 'NPS' and score >= 9
union all select 'feedback.responses', 'nps_detractors', day, 1, 'responses', response_no from responses where kind = 'NPS' and score <= 6
union all select 'feedback.responses', 'stars', day, score, 'responses', response_no from responses where kind = 'Rating'
union all select 'feedback.tickets', 'tickets', day, 1, 'tickets', ticket_no from tickets
union all select 'feedback.tickets', 'solved_seconds', day, reply_seconds + work_seconds, 'tickets', ticket_no from tickets where is_solved;

-- One row per entity, measure and period.
create table sum_truth as
select entity, measure, span, sum(total)::decimal(18, 4) as total
from (select period as span, first_day, last_day from periods where grain in ('month', 'all'))
inner join counted on day between first_day and last_day
anti join spoiled using (export, row_no)
group by all;
