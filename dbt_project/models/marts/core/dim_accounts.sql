select
    account_id,
    name,
    industry,
    segment,
    country,
    employees,
    annual_revenue,
    parent_account_id,
    owner_id,
    created_date
from {{ ref('stg_crm__accounts') }}
