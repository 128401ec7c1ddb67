-- What happened after as_of has not happened yet: a lead converted later still is none.
select
    leads.lead_id,
    leads.industry,
    leads.country,
    leads.channel,
    leads.source,
    leads.campaign,
    leads.status,
    leads.score,
    leads.owner_id,
    leads.opportunity_id,
    leads.account_id,
    leads.customer_id,
    leads.created_at,
    leads.created_date,
    leads.converted_at,
    leads.converted_date,
    coalesce(owners.owner, leads.owner_id) as owner,
    owners.team,
    owners.region,
    leads.opportunity_id is not null and coalesce(leads.converted_date <= company.as_of, true) as has_opportunity,
    coalesce(opportunities.is_won, false)
        or (leads.customer_id is not null and coalesce(leads.converted_date <= company.as_of, true)) as is_customer,
    {{ provenance('leads') }}
from {{ ref('stg_crm__leads') }} as leads
cross join {{ source('ops', 'company') }} as company
left join {{ ref('dim_owners') }} as owners on owners.owner_id = leads.owner_id
left join {{ ref('fct_opportunities') }} as opportunities on opportunities.opportunity_id = leads.opportunity_id
