-- What happened after as_of has not happened yet: a deal closed later still is open.
{% set known_close_date = 'case when opportunities.close_date <= company.as_of then opportunities.close_date end' %}
with opportunities as (
    select
        opportunities.*,
        coalesce(opportunities.close_date <= company.as_of, true) as is_known,
        {{ company_money('opportunities.amount', 'opportunities.currency') }} as company_amount,
        {{ company_money('opportunities.amount', 'opportunities.currency', 'created_rates') }} as created_company_amount
    from {{ ref('stg_crm__opportunities') }} as opportunities
    cross join {{ source('ops', 'company') }} as company
    {{ join_rates('opportunities.currency', 'coalesce(' ~ known_close_date ~ ', opportunities.created_date)') }}
    {{ join_rates('opportunities.currency', 'opportunities.created_date', 'created_rates') }}
)

select
    opportunities.opportunity_id,
    opportunities.account_id,
    opportunities.owner_id,
    opportunities.status,
    opportunities.stage,
    opportunities.status = 'won' and opportunities.is_known as is_won,
    opportunities.status = 'lost' and opportunities.is_known as is_lost,
    opportunities.created_date,
    opportunities.close_date,
    opportunities.expected_close_date,
    {{ dbt.datediff('opportunities.created_date', 'opportunities.close_date', 'day') }} as cycle_days,
    opportunities.amount,
    opportunities.currency,
    opportunities.company_amount,
    opportunities.created_company_amount,
    coalesce(owners.owner, opportunities.owner_id) as owner,
    owners.team,
    owners.region,
    opportunities.product,
    accounts.segment,
    accounts.industry,
    {{ provenance('opportunities') }}
from opportunities
left join {{ ref('dim_owners') }} as owners on owners.owner_id = opportunities.owner_id
left join {{ ref('dim_accounts') }} as accounts on accounts.account_id = opportunities.account_id
