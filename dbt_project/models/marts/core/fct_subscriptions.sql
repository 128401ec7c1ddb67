-- A price holds until the next row of the subscription. A trial runs once it is paid for; what is paused does not run.
with versions as (
    select
        *,
        lead(effective_date) over (partition by subscription_id order by effective_date) as next_date
    from {{ ref('stg_finance__subscriptions') }}
),

runs as (
    select
        *,
        case
            when status = 'paused' or (status = 'trialing' and trial_end_date is null) then null
            when status = 'ended' and ended_date is null then null
            else greatest(effective_date, started_date, case when status = 'trialing' then trial_end_date else effective_date end)
        end as first_day,
        case
            when next_date is null then ended_date
            when ended_date is null then next_date
            else least(next_date, ended_date)
        end as last_boundary
    from versions
)

select
    subscriptions.subscription_id,
    subscriptions.effective_date,
    subscriptions.customer_id,
    subscriptions.account_id,
    subscriptions.product_id,
    subscriptions.plan_name,
    subscriptions.kind,
    subscriptions.status,
    subscriptions.started_date,
    subscriptions.trial_end_date,
    subscriptions.cancelled_date,
    subscriptions.ended_date,
    subscriptions.billing_interval,
    subscriptions.interval_count,
    subscriptions.quantity,
    subscriptions.unit_price,
    subscriptions.discount_rate,
    subscriptions.amount,
    subscriptions.currency,
    subscriptions.is_test,
    coalesce(products.name, subscriptions.product_id) as product,
    case
        when subscriptions.last_boundary is null or subscriptions.first_day < subscriptions.last_boundary then subscriptions.first_day
    end as runs_from,
    case when subscriptions.first_day < subscriptions.last_boundary then subscriptions.last_boundary end as runs_until,
    subscriptions.kind = 'recurring' and not coalesce(subscriptions.is_test, false) as is_recurring,
    {{ monthly('cast(subscriptions.amount as double)') }} as monthly_amount,
    cast(round({{ monthly(company_money('subscriptions.amount', 'subscriptions.currency')) }}, 4) as decimal(18, 4))
        as company_monthly_amount,
    {{ provenance('subscriptions') }}
from runs as subscriptions
cross join {{ source('ops', 'company') }} as company
left join {{ ref('dim_products') }} as products on products.product_id = subscriptions.product_id
{{ join_rates('subscriptions.currency', 'subscriptions.effective_date') }}
