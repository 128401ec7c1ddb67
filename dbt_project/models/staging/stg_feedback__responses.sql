select
    {{ id_in('response_id') }} as response_id,
    survey_name,
    kind,
    score,
    scale_max,
    respondent,
    {{ id_in('customer_id') }} as customer_id,
    {{ id_in('account_id') }} as account_id,
    {{ id_in('order_id') }} as order_id,
    {{ id_in('ticket_id') }} as ticket_id,
    {{ id_in('product_id') }} as product_id,
    channel,
    responded_at,
    response_date,
    updated_at,
    {{ provenance() }}
from {{ source('clean', 'feedback__responses') }}
where not coalesce(_is_deleted, false)
