-- From a year before the first day covered to the end of the fiscal year two years after as_of.
with bounds as (
    select
        company.fiscal_year_start - 1 as shift,
        company.as_of,
        least(coalesce(min(coverage.covered_from), company.as_of), company.as_of) as first_covered
    from {{ source('ops', 'company') }} as company
    left join {{ ref('int_entity_coverage') }} as coverage on true
    group by company.fiscal_year_start, company.as_of
),

years as (
    select
        shift,
        {{ date_plus(period_start('year', 'first_covered', 'shift'), -1, 'year') }} as first_day,
        {{ date_plus(date_plus(period_start('year', 'as_of', 'shift'), 3, 'year'), -1) }} as last_day
    from bounds
),

days as (
    select years.shift, years.first_day, {{ date_plus('years.last_day', '-cast(counter.n as integer)') }} as date_day
    from years
    cross join ({{ integers(5) }}) as counter
),

starts as (
    select
        date_day,
        shift,
        {{ period_start('week', 'date_day') }} as week_start,
        {{ period_start('month', 'date_day') }} as month_start,
        {{ period_start('quarter', 'date_day', 'shift') }} as quarter_start,
        {{ period_start('year', 'date_day', 'shift') }} as year_start
    from days
    where date_day >= first_day
),

ends as (
    select
        *,
        {{ date_plus('week_start', 6) }} as week_end,
        {{ date_plus(date_plus('month_start', 1, 'month'), -1) }} as month_end,
        {{ date_plus(date_plus('quarter_start', 3, 'month'), -1) }} as quarter_end,
        {{ date_plus(date_plus('year_start', 1, 'year'), -1) }} as year_end,
        case when shift = 0 then '' else 'FY' end as fiscal
    from starts
)

select
    date_day,
    week_start,
    week_end,
    month_start,
    month_end,
    quarter_start,
    quarter_end,
    year_start,
    year_end,
    cast(date_day as string) as day_label,
    cast(year({{ date_plus('week_start', 3) }}) as string) || '-W' || {{ two_digits('extract(week from week_start)') }} as week_label,
    cast(year(date_day) as string) || '-' || {{ two_digits('month(date_day)') }} as month_label,
    fiscal || cast(year(year_end) as string) || '-Q'
        || cast(cast(floor(((year(quarter_start) - year(year_start)) * 12 + month(quarter_start) - month(year_start)) / 3) as integer) + 1 as string)
        as quarter_label,
    fiscal || cast(year(year_end) as string) as year_label
from ends
