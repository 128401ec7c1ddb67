with base as (
    select
        response_date as day,
        survey_name as survey,
        channel,
        product,
        case when score >= 9 then 1 when score <= 6 then -1 else 0 end as numerator,
        1 as denominator
    from {{ ref('fct_responses') }}
    where is_recommendation
)
{{ kpi_cells(where="grain <> 'week' or denominator >= 30", value='100 * cast(numerator as double) / nullif(cast(denominator as double), 0)') }}
