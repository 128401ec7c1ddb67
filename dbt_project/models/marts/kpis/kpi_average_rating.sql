with base as (
    select
        response_date as day,
        survey_name as survey,
        channel,
        product,
        cast(score as decimal(18, 4)) as numerator,
        1 as denominator
    from {{ ref('fct_responses') }}
    where is_rating
)
{{ kpi_cells() }}
