-- An ad platform's bill is in the ledger too: where the platforms' own days are loaded, those count and the bill does not.
with loaded as (
    select count(*) as platforms
    from {{ ref('int_entity_coverage') }}
    where entity = 'marketing.spend_daily'
)

select
    spend_date as day,
    'marketing' as area,
    channel,
    platform,
    company_cost as amount,
    false as is_booked
from {{ ref('fct_spend_daily') }}
union all
select
    expenses.expense_date as day,
    expenses.area,
    expenses.channel,
    cast(null as string) as platform,
    expenses.company_amount as amount,
    expenses.area = 'marketing' as is_booked
from {{ ref('fct_expenses') }} as expenses
cross join loaded
where expenses.is_operating
    and (expenses.area = 'sales'
        or (expenses.area = 'marketing' and (not coalesce(expenses.is_ad_platform, false) or loaded.platforms = 0)))
