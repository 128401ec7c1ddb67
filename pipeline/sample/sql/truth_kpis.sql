-- One row per KPI that measures make: their sums above and below the line, those with a minus taken away; what it is, the grains it
-- has and what divides it. percent: a hundred times the ratio. as booked: by day and week only where no expense of a month is in it.
create table kpis as
select * from (values
    ('accounts_receivable', 'stock', 'every', 'nothing', 'owed', 'bills_owed'),
    ('active_users', 'sum', 'every', 'session', 'active_users', ''),
    ('average_deal_size', 'ratio', 'every', 'deal', 'won_amount', 'opportunities_won'),
    ('average_engagement_time', 'ratio', 'every', 'session', 'engaged_seconds', 'active_users'),
    ('average_order_value', 'ratio', 'every', 'session', 'gross_revenue', 'orders'),
    ('average_rating', 'ratio', 'every', 'answer', 'stars', 'answers'),
    ('average_revenue_per_user', 'ratio', 'month up', 'session', 'gross_revenue -refund_amount', 'active_users'),
    ('csat', 'ratio', 'every', 'answer', 'pleased', 'answers'),
    ('customer_acquisition_cost', 'ratio', 'month up, all', 'channel', 'marketing_spend sales_expenses', 'new_customers'),
    ('customer_churn_rate', 'ratio', 'month up', 'customer', 'customers_at_start -customers_kept', 'customers_at_start'),
    ('customer_retention_rate', 'ratio', 'month up', 'customer', 'customers_kept', 'customers_at_start'),
    ('days_to_refund', 'ratio', 'month up, all', 'goods', 'refund_days', 'refunds'),
    ('expenses', 'sum', 'month up, all', 'cost', 'expenses', ''),
    ('follower_growth_rate', 'ratio', 'day up', 'page', 'followers_gained', 'followers_before'),
    ('funnel_add_to_cart_rate', 'ratio', 'every', 'session', 'carts', 'product_views'),
    ('funnel_checkout_rate', 'ratio', 'every', 'session', 'checkouts', 'carts'),
    ('funnel_product_view_rate', 'ratio', 'every', 'session', 'product_views', 'sessions'),
    ('funnel_purchase_rate', 'ratio', 'every', 'session', 'purchases', 'checkouts'),
    ('gross_margin', 'ratio', 'every', 'goods', 'gross_revenue -refund_amount -cost cost_back', 'gross_revenue -refund_amount'),
    ('gross_profit', 'sum', 'every', 'goods', 'gross_revenue -refund_amount -cost cost_back', ''),
    ('gross_revenue', 'sum', 'every', 'goods', 'gross_revenue', ''),
    ('impressions', 'sum', 'every', 'post', 'impressions', ''),
    ('lead_to_customer_rate', 'ratio', 'week up, all', 'lead', 'leads_won', 'leads'),
    ('lead_to_opportunity_rate', 'ratio', 'week up, all', 'lead', 'leads_with_deal', 'leads'),
    ('marketing_spend', 'sum', 'as booked', 'spend', 'marketing_spend', ''),
    ('monthly_recurring_revenue', 'stock', 'every', 'plan', 'recurring_revenue', 'running_subscriptions'),
    ('negative_feedback_rate', 'ratio', 'every', 'answer', 'displeased', 'answers'),
    ('net_revenue', 'sum', 'every', 'goods', 'gross_revenue -refund_amount', ''),
    ('net_revenue_retention', 'ratio', 'month up', 'customer', 'revenue_kept', 'revenue_before'),
    ('new_customers', 'sum', 'every', 'session', 'new_customers', ''),
    ('new_leads', 'sum', 'every', 'lead', 'leads', ''),
    ('new_users', 'sum', 'every', 'session', 'new_users', ''),
    ('nps', 'percent', 'week up, all', 'answer', 'promoters -detractors', 'nps_answers'),
    ('open_pipeline_amount', 'stock', 'every', 'deal', 'open_amount', 'open_deals_with_amount'),
    ('operating_profit', 'sum', 'month up, all', 'nothing', 'gross_revenue -refund_amount -cost cost_back -expenses', ''),
    ('opportunities_won', 'sum', 'every', 'deal', 'opportunities_won', ''),
    ('orders', 'sum', 'every', 'session', 'orders', ''),
    ('payments_received', 'sum', 'every', 'payment', 'payments_received', ''),
    ('reach', 'sum', 'every', 'post', 'reach', ''),
    ('refund_amount', 'sum', 'every', 'goods', 'refund_amount', ''),
    ('refund_rate_amount', 'ratio', 'month up, all', 'goods', 'refund_amount', 'gross_revenue'),
    ('refund_rate_items', 'ratio', 'month up, all', 'goods', 'refunded_items', 'items'),
    ('refund_rate_orders', 'ratio', 'month up, all', 'session', 'refunded_orders', 'orders'),
    ('repeat_purchase_rate', 'ratio', 'month up', 'customer', 'customers_of_two_orders', 'customers_of_a_year'),
    ('return_on_ad_spend', 'ratio', 'as booked', 'channel', 'paid_revenue', 'marketing_spend'),
    ('returning_customer_rate', 'ratio', 'every', 'customer', 'returning_customers', 'customers'),
    ('sales_cycle_days', 'ratio', 'every', 'deal', 'won_days', 'opportunities_won'),
    ('sales_cycle_days_closed', 'ratio', 'every', 'deal', 'closed_days', 'closed_deals'),
    ('session_conversion_rate', 'ratio', 'every', 'session', 'converted_sessions', 'sessions'),
    ('sessions', 'sum', 'every', 'session', 'sessions', ''),
    ('sessions_per_user', 'ratio', 'every', 'session', 'sessions', 'active_users'),
    ('social_engagement_rate', 'ratio', 'every', 'post', 'engagements', 'reach'),
    ('stickiness', 'ratio', 'week and month', 'session', 'daily_users', 'active_users'),
    ('subscription_churn_rate', 'ratio', 'month up', 'plan', 'subscriptions_lost', 'subscriptions_at_start'),
    ('ticket_volume', 'sum', 'every', 'ticket', 'tickets', ''),
    ('user_growth_rate', 'ratio', 'every', 'session', 'new_users', 'users_before'),
    ('user_retention_rate', 'ratio', 'day up', 'user', 'users_kept', 'users_of_the_period_before'),
    ('win_rate_closed', 'ratio', 'every', 'deal', 'opportunities_won', 'closed_deals'),
    ('win_rate_created', 'ratio', 'month up, all', 'deal', 'created_deals_won', 'created_deals'),
    ('won_amount', 'sum', 'every', 'deal', 'won_amount', '')
) as listed (kpi_id, kind, grains, divided_by, above, below);

create table grain_lists as
select grains, unnest(string_split(names, ' ')) as grain from (values
    ('every', 'day week month quarter year all'), ('day up', 'day week month quarter year'), ('week up, all', 'week month quarter year all'),
    ('month up', 'month quarter year'), ('month up, all', 'month quarter year all'), ('week and month', 'week month'),
    ('as booked', 'month quarter year all')
) as listed (grains, names);
insert into grain_lists
select 'as booked', unnest(['day', 'week'])
where not exists (select 1 from good_expenses inner join days using (day) where area = 'Marketing' and not is_ad_platform);

create table dimension_lists as
select divided_by, unnest(string_split('all ' || names, ' ')) as dimension from (values
    ('nothing', ''), ('session', 'channel device country channel+device'), ('goods', 'channel device country product channel+device'),
    ('user', 'channel device country'), ('customer', 'channel country'), ('channel', 'channel'), ('deal', 'owner team region product segment industry'),
    ('lead', 'channel country industry owner team region'), ('cost', 'category area cost_center'), ('spend', 'channel platform'),
    ('plan', 'product plan'), ('payment', 'method currency'), ('answer', 'survey channel product'),
    ('ticket', 'channel category priority team product'), ('post', 'platform account kind campaign'), ('page', 'platform account')
) as listed (divided_by, names);
