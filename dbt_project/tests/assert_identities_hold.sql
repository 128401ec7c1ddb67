-- Rows: cells of which an identity in the yml of a KPI does not hold, with left side less right.
-- It is asked of periods in which all its KPIs count the same days, and of grain all also where its KPI counts each entity on
-- that one's own days. A member without a row has nothing to count: 0.
{{ config(meta={'severity': 'error', 'dagster': {'ref': {'name': 'kpi_values'}}}) }}
{% set identities = kpi_identities() if execute else [] %}
{% if identities %}
with identities as (
    {% for identity in identities %}
    select {{ loop.index }} as number, {{ text_literal(identity.kpi_id) }} as kpi_id, {{ text_literal(identity.text) }} as said,
        '{{ identity.comparison }}' as comparison, {{ identity.kpis | length }} as kpis, {{ identity.is_by_entity }} as is_by_entity
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

terms as (
    {% for identity in identities -%}
    {%- set number, is_last = loop.index, loop.last -%}
    {%- for term in identity.terms %}
    select {{ number }} as number, '{{ term.kpi_id }}' as kpi_id, '{{ term.field }}' as field, {{ term.sign }} as sign
    {{ 'union all' if not (is_last and loop.last) }}
    {%- endfor -%}
    {%- endfor %}
),

dimensions as (
    {% for identity in identities -%}
    {%- set number, is_last = loop.index, loop.last -%}
    {%- for dimension in identity.dimensions %}
    select {{ number }} as number, '{{ dimension }}' as dimension
    {{ 'union all' if not (is_last and loop.last) }}
    {%- endfor -%}
    {%- endfor %}
),

counted_days as (
    select
        cells.kpi_id, cells.grain, cells.period,
        greatest(cells.period_start, coverage.covered_from) as first_day,
        least(cells.period_end, coverage.covered_to) as last_day
    from {{ ref('kpi_values') }} as cells
    inner join {{ ref('int_kpi_coverage') }} as coverage on coverage.kpi_id = cells.kpi_id
    where cells.dimension = 'all'
),

comparable as (
    select identities.number, counted_days.grain, counted_days.period
    from identities
    inner join (select distinct number, kpi_id from terms) as parts on parts.number = identities.number
    inner join counted_days on counted_days.kpi_id = parts.kpi_id
    group by identities.number, counted_days.grain, counted_days.period
    having count(*) = max(identities.kpis)
        and (
            (min(counted_days.first_day) = max(counted_days.first_day) and min(counted_days.last_day) = max(counted_days.last_day))
            or (counted_days.grain = 'all' and max(case when identities.is_by_entity then 1 else 0 end) = 1)
        )
),

differences as (
    select
        terms.number, cells.grain, cells.period, cells.dimension, cells.member,
        sum(terms.sign * case terms.field when 'numerator' then cells.numerator else cells.denominator end) as difference
    from terms
    inner join {{ ref('kpi_values') }} as cells on cells.kpi_id = terms.kpi_id
    inner join comparable
        on comparable.number = terms.number and comparable.grain = cells.grain and comparable.period = cells.period
    inner join dimensions on dimensions.number = terms.number and dimensions.dimension = cells.dimension
    group by terms.number, cells.grain, cells.period, cells.dimension, cells.member
)

select
    identities.kpi_id, identities.said, differences.grain, differences.period, differences.dimension, differences.member,
    differences.difference
from differences
inner join identities on identities.number = differences.number
where differences.difference > 0 or (differences.difference < 0 and identities.comparison = '=')
{% else %}
select kpi_id from {{ ref('kpi_values') }} as cells
inner join {{ ref('int_kpi_coverage') }} as coverage using (kpi_id)
where false
{% endif %}
