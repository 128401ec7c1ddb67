-- The rows that survive: everything generated but what was planted as beyond repair.
create view good_orders as
select orders.* exclude (customer_id), if(nameless.row_no is null, customer_id, null) as customer_id
from orders
left join hit('orders', 'customer_missing') as nameless on nameless.row_no = order_no
anti join lost('orders') as bad on bad.row_no = order_no
where status <> 'cancelled' and not is_test;

create view good_lines as
select order_lines.*, customer_id
from order_lines inner join good_orders using (order_key)
anti join (
    select _line_key from text_order_lines inner join lost('order_lines') as bad on bad.row_no = _no
) as bad on bad._line_key = line_key;

create view good_refunds as
select * from refunds anti join lost('refunds') as bad on bad.row_no = refund_no;

-- What is misspelt is one industry, whatever it was before.
create view good_accounts as
select accounts.* exclude (industry), if(misspelt.row_no is null, industry, 'technology') as industry
from accounts anti join lost('accounts') as bad on bad.row_no = account_no
left join hit('accounts', 'misspelt') as misspelt on misspelt.row_no = account_no;

-- A deal is known by its number, of which each delivery's row makes four.
create view good_deals as
select deals.* exclude (account_no), if(names_account and nobody.deal_no is null, account_no, null) as account_no
from deals
anti join (select row_no // 4 as deal_no from lost('opportunities')) as bad using (deal_no)
left join (select row_no // 4 as deal_no from hit('opportunities', 'no_account')) as nobody using (deal_no);

create view good_expenses as
select * from expenses anti join lost('expenses') as bad on bad.row_no = expense_no where is_operating;

create view good_payments as
select * from payments anti join lost('payments') as bad on bad.row_no = payment_no where status = 'Succeeded' and not is_lost;

create view good_invoices as
select * from invoices anti join lost('invoices') as bad on bad.row_no = invoice_no;

create view good_posts as
select
    posts.* exclude (kind, impressions), case when misspelt.row_no is not null then 'video' when kind = 'Status' then 'text' else lower(kind) end as kind,
    if(too_few.row_no is null, impressions, null) as impressions
from posts anti join lost('posts') as bad on bad.row_no = post_no
left join hit('posts', 'misspelt') as misspelt on misspelt.row_no = post_no
left join hit('posts', 'fewer_impressions_than_reach') as too_few on too_few.row_no = post_no;

create view good_responses as
select * from responses anti join lost('responses') as bad on bad.row_no = response_no;

create view good_tickets as
select
    tickets.* exclude (priority, is_replied), if(unknown.row_no is null, lower(priority), 'p1') as priority,
    is_replied and too_early.row_no is null as is_replied, timezone('America/New_York', timezone('UTC', solved_utc))::date as solved_date
from tickets anti join lost('tickets') as bad on bad.row_no = ticket_no
left join hit('tickets', 'unknown_priority') as unknown on unknown.row_no = ticket_no
left join hit('tickets', 'reply_before_ticket') as too_early on too_early.row_no = ticket_no;
