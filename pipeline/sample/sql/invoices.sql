-- One row per invoice of a subscription: one each time an interval of it begins, and a credit note for every twentieth.
-- Companies pay one to six weeks later; one of seventy never does, and is written off after four months.
create table invoices as
with intervals as (
    select *, unnest(range(0, 120)) as turn from subscriptions
), billed as (
    select
        subscription_no * 1024 + effective_turn.turn as key, effective_turn.*,
        (greatest(effective, billed_from) + to_months((turn * if(is_yearly, 12, 1))::integer))::date as issued
    from intervals as effective_turn
), due as (
    select *, round(amount * 0.08, 2)::decimal(18, 2) as tax, issued + 30 as due, issued + 5 + draw(103, key + price_no, 40) as planned_payment,
        draw(104, key + price_no, 70) = 0 as is_never_paid
    from billed
    where issued <= getvariable('last')::date and issued < least(coalesce(ended, date '9999-12-31'), coalesce(until, date '9999-12-31'))
), numbered as (
    select row_number() over (order by issued, price_no) as bill_no, * from due
), settled as (
    select *, if(not is_never_paid and planned_payment <= getvariable('last')::date, planned_payment, null)::date as paid,
        if(is_never_paid and issued + 120 <= getvariable('last')::date, issued + 120, null)::date as written_off
    from numbered
), written as (
    select
        bill_no, 'INV-' || lpad(bill_no::varchar, 6, '0') as invoice_id, 'Invoice' as kind, null::varchar as credited_id, customer_id, subscription_id,
        issued, due, paid, written_off, amount as subtotal, tax, (amount + tax)::decimal(18, 2) as total,
        case when paid is not null then 'Paid' when written_off is not null then 'Written off' else 'Open' end as status
    from settled
    union all
    select
        bill_no + 1000000, 'CRN-' || lpad(bill_no::varchar, 6, '0'), 'Credit note', 'INV-' || lpad(bill_no::varchar, 6, '0'), customer_id, subscription_id,
        issued + 7, null, null, null, amount, tax, (amount + tax)::decimal(18, 2), 'Open'
    from settled
    where bill_no % 20 = 5 and issued + 7 <= getvariable('last')::date
)
select row_number() over (order by issued, bill_no) as invoice_no, * from written;
