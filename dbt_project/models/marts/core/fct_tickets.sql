select
    tickets.ticket_id,
    tickets.customer_id,
    tickets.account_id,
    tickets.order_id,
    tickets.product_id,
    tickets.kind,
    tickets.category,
    tickets.channel,
    tickets.priority,
    tickets.status,
    tickets.team,
    tickets.created_at,
    tickets.created_date,
    tickets.first_replied_at,
    tickets.solved_at,
    tickets.solved_date,
    coalesce(products.name, tickets.product_id) as product,
    tickets.status <> 'deleted' as is_counted,
    case
        when cast(tickets.first_replied_at as date) <= company.as_of then {{ hours_between('tickets.created_at', 'tickets.first_replied_at') }}
    end as hours_to_first_reply,
    case when tickets.solved_date <= company.as_of then {{ hours_between('tickets.created_at', 'tickets.solved_at') }} end as hours_to_solve,
    {{ provenance('tickets') }}
from {{ ref('stg_feedback__tickets') }} as tickets
cross join {{ source('ops', 'company') }} as company
left join {{ ref('dim_products') }} as products on products.product_id = tickets.product_id
