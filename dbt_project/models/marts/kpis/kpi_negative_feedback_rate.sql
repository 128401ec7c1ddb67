with base as (
    select
        response_date as day,
        survey_name as survey,
        channel,
        product,
        case when score <= 2 then 1 else 0 end as numerator,
        1 as denominator
    from {{ ref('fct_responses') }}
    where is_rating
)
{{ kpi_cells() }}
