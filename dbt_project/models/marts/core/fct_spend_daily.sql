select
    spend_daily.spend_date,
    spend_daily.channel,
    spend_daily.platform,
    spend_daily.campaign_id,
    spend_daily.campaign,
    spend_daily.ad_group_id,
    spend_daily.ad_group,
    spend_daily.country,
    spend_daily.cost,
    spend_daily.currency,
    spend_daily.impressions,
    spend_daily.clicks,
    spend_daily.conversions,
    spend_daily.conversion_amount,
    {{ company_money('spend_daily.cost', 'spend_daily.currency') }} as company_cost,
    {{ provenance('spend_daily') }}
from {{ ref('stg_marketing__spend_daily') }} as spend_daily
cross join {{ source('ops', 'company') }} as company
{{ join_rates('spend_daily.currency', 'spend_daily.spend_date') }}
