-- One row per currency and weekday: what it is worth in the company's currency. Some are quoted for a hundred units.
create table fx_rates as
select
    row_number() over (order by day, currency) as rate_no, day, currency, units,
    round(usual * (1 + 0.04 * sin(day_no / 60.0 + length(currency) + usual)) + usual * 0.006 * share(117, day_no * 16 + currency_no), 6)::decimal(18, 6)
        as rate
from days cross join (values
    (1, 'EUR', 1, 1.09), (2, 'GBP', 1, 1.27), (3, 'CAD', 1, 0.73), (4, 'AUD', 1, 0.66), (5, 'CNY', 1, 0.139), (6, 'JPY', 100, 0.67)
) as quoted (currency_no, currency, units, usual)
where isodow(day) < 6;

-- One row per booking of the ledger: what a month costs whatever is sold, and the bills of the ad platforms on its last day. Some
-- suppliers bill in their own currency; dollars: at the rate of the day or of the weekday before.
create table expenses as
with months as (
    select month, min(day_no) as day_no, count(*) as month_days, max(day) as last_covered from days group by month
), listed as (
    select * from (values
        (1, 'Rent', 'Administration', 900, 'Harbour Estates', true, 'USD'), (2, 'Salaries', 'Administration', 1500, null, true, 'USD'),
        (3, 'Salaries', 'Sales', 2600, null, true, 'USD'), (4, 'Salaries', 'Operations', 1900, null, true, 'USD'),
        (5, 'Salaries', 'Development', 1400, null, true, 'USD'), (6, 'Salaries', 'Marketing', 1200, null, true, 'USD'),
        (7, 'Shipping', 'Operations', 800, 'Parcel Brothers', true, 'USD'),
        (8, 'Software', 'Development', 260, 'Cloudberry', true, 'GBP'), (9, 'Travel', 'Sales', 340, null, true, 'USD'),
        (10, 'Advertising', 'Marketing', 450, 'Agency Red', true, 'USD'), (11, 'Trade fair', 'Marketing', 300, 'Fair Hall', true, 'EUR'),
        (12, 'Insurance', 'Administration', 120, 'Seven Seas', true, 'USD'), (13, 'Telephone', 'Administration', 60, 'Ringring', true, 'USD'),
        (14, 'Training', 'Other', 90, 'Night School', true, 'JPY'), (15, 'Equipment', 'Operations', 400, 'Toolbox', false, 'USD'),
        (16, 'Interest', 'Administration', 75, 'First Bank', false, 'USD'), (17, 'Cleaning', 'Administration', 80, 'Bright', true, 'USD')
    ) as costs (cost_no, category, area, usual, supplier, is_operating, currency)
), booked as (
    select
        month, cost_no, category, area, supplier, is_operating, false as is_ad_platform, currency,
        least(greatest(month + 1 + draw(114, day_no * 32 + cost_no, 26), getvariable('start')::date + 3), last_covered)::date as day,
        greatest(1, round(usual * per_dollar * getvariable('scale') * month_days / 30 * (0.9 + 0.2 * share(115, day_no * 32 + cost_no)), 2))::decimal(18, 2)
            as amount
    from months cross join listed
    inner join (values ('USD', 1.0), ('GBP', 0.8), ('EUR', 0.9), ('JPY', 150.0)) as worth (currency, per_dollar) using (currency)
    union all
    select month, 17 + row_number() over (partition by month order by platform), 'Advertising', 'Marketing', platform, true, true, 'USD', max(day), sum(cost)
    from spend group by month, platform having sum(cost) > 0
)
select
    row_number() over (order by booked.day, cost_no) as expense_no, 'BK-' || lpad(expense_no::varchar, 6, '0') as expense_id, booked.*, rate_no,
    round(amount * coalesce(rate * if(units = 100, 0.01, 1.00), 1)::decimal(12, 8), 4)::decimal(18, 4) as dollars,
    case category when 'Travel' then 'owner' || lpad((1 + draw(116, cost_no, 16))::varchar, 2, '0') || '@example.com' end as employee
from booked asof left join fx_rates on fx_rates.currency = booked.currency and fx_rates.day <= booked.day;
