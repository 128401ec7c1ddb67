-- A scale of five and the question whether one would recommend us are never mixed.
select
    responses.response_id,
    responses.survey_name,
    responses.kind,
    responses.score,
    responses.scale_max,
    responses.customer_id,
    responses.account_id,
    responses.order_id,
    responses.ticket_id,
    responses.product_id,
    responses.channel,
    responses.responded_at,
    responses.response_date,
    coalesce(products.name, responses.product_id) as product,
    responses.kind in ('csat', 'rating') and responses.scale_max = 5 as is_rating,
    responses.kind = 'nps' and responses.scale_max = 10 as is_recommendation,
    {{ provenance('responses') }}
from {{ ref('stg_feedback__responses') }} as responses
left join {{ ref('dim_products') }} as products on products.product_id = responses.product_id
