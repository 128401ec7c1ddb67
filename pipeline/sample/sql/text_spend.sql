-- The ad platforms' report, one file a quarter: semicolons, decimal commas, dates with dots.
create macro european(amount) as translate(format('{:,.2f}', amount::double), '.,', ',.');
create table text_spend as
select
    spend_no as _no, spend_no as _sort, cost > 0 and clicks > 0 and cost <= 0.01 * sum(cost) over (partition by date_trunc('quarter', day)) as _eligible,
    null::varchar as _forced, false as _replaces, 'spend_' || year(day) || '-Q' || quarter(day) as _file, null::varchar as _next_file,
    day || '/' || campaign_id as _key, strftime(day, '%d.%m.%Y') as "Tag", label as "Kanal", platform as "Plattform", campaign_id as "Kampagne Nr",
    campaign as "Kampagne", european(cost) as "Kosten", 'USD' as "Währung", impressions::varchar as "Impressionen", clicks::varchar as "Klicks"
from spend;
