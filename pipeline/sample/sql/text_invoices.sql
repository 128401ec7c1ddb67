-- The invoices and credit notes: amounts written 1,234.50 between semicolons.
create table text_invoices as
select
    invoice_no as _no, invoice_no as _sort, total <= 0.3 * avg(total) over () as _eligible,
    case when draw(111, bill_no, 25) = 0 and due is not null then 'dates_swapped' when draw(112, bill_no, 25) = 0 then 'amount_in_cents' end as _forced,
    false as _replaces, 'invoices' as _file, null::varchar as _next_file, invoice_id as _key, invoice_id as "Document", kind as "Type",
    credited_id as "Takes back", customer_id as "Customer", subscription_id as "Subscription", status as "State", issued::varchar as "Issued",
    due::varchar as "Due", paid::varchar as "Paid on", written_off::varchar as "Written off on", format('{:,.2f}', subtotal::double) as "Net",
    format('{:,.2f}', tax::double) as "Tax", format('{:,.2f}', total::double) as "Total", 'USD' as "Currency"
from invoices;
