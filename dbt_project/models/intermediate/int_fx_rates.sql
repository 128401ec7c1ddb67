-- A rate holds until the next one, at most seven days: weekends and holidays have none of their own. A pair that nobody
-- quotes is crossed through a currency both are quoted in on the same day.
with legs as (
    select base_currency as from_currency, quote_currency as to_currency, rate_date, rate, 1 as detour, _namespace
    from {{ ref('stg_finance__fx_rates') }}
    where rate > 0
    union all
    select quote_currency, base_currency, rate_date, 1 / rate, 2, _namespace
    from {{ ref('stg_finance__fx_rates') }}
    where rate > 0
),

best_legs as (
    select from_currency, to_currency, rate_date, rate, detour
    from (
        select
            *,
            row_number() over (
                partition by from_currency, to_currency, rate_date
                order by detour nulls last, _namespace nulls last, rate nulls last
            ) as position
        from legs
    ) as ranked
    where position = 1
),

into_company as (
    select legs.from_currency as currency, legs.rate_date, legs.rate, legs.detour, '' as crossed_by
    from best_legs as legs
    inner join {{ source('ops', 'company') }} as company on company.currency = legs.to_currency
    union all
    select legs.from_currency, legs.rate_date, legs.rate * onward.rate, 3, legs.to_currency
    from best_legs as legs
    inner join best_legs as onward on onward.from_currency = legs.to_currency and onward.rate_date = legs.rate_date
    inner join {{ source('ops', 'company') }} as company on company.currency = onward.to_currency
    where legs.from_currency <> company.currency and legs.to_currency <> company.currency
),

best as (
    select currency, rate_date, rate
    from (
        select
            *,
            row_number() over (
                partition by currency, rate_date order by detour nulls last, crossed_by nulls last
            ) as position
        from into_company
    ) as ranked
    where position = 1
)

select
    currency,
    rate_date as valid_from,
    least(
        {{ date_plus('rate_date', 7) }},
        coalesce(
            {{ date_plus('lead(rate_date) over (partition by currency order by rate_date)', -1) }},
            {{ date_plus('rate_date', 7) }}
        )
    ) as valid_to,
    rate
from best
