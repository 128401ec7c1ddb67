-- One row per KPI, member with a target, and field of the scorecard for the period.
-- Of a year the year-ago comparison is the previous one, and told once. A period counted in part is compared with as many days of the earlier ones (see kpi_scorecard), and with no target.
with scored as (
    select
        s.*, c.unit, c.definition_version, c.sources, case when c.unit = 'fraction' then 'points' else c.unit end as change_unit,
        ' from kpis.kpi_scorecard where kpi_id = ' || literal(s.kpi_id) || ' and grain = ' || literal(s.grain) || ' and period = ' || literal(s.period)
        || ' and dimension = ' || literal(s.dimension) || ' and member = ' || literal(s.member) as row_query
    from kpis.kpi_scorecard as s
    inner join asked as a on s.grain = a.grain and s.period = a.period
    inner join kpis.kpi_catalog as c on s.kpi_id = c.kpi_id
    where s.dimension = 'all' or s.target is not null
), fields as (
    select
        kpi_id, grain, period, dimension, member, numerator, denominator, definition_version, source_status, row_query, sources, period_start, period_end,
        unnest([
        {'field': 'value', 'expression': 'value', 'value': value, 'unit': unit, 'is_kept': true},
        {'field': 'target', 'expression': 'target', 'value': target, 'unit': unit, 'is_kept': target is not null},
        {'field': 'target_gap', 'expression': case when unit = 'fraction' then '(value - target) * 100' else 'value - target' end,
            'value': case when unit = 'fraction' then (value - target) * 100 else value - target end, 'unit': change_unit,
            'is_kept': target is not null and value is not null and is_complete},
        {'field': 'target_gap_rate', 'expression': '(value - target) / target', 'value': (value - target) / nullif(target, 0), 'unit': 'fraction',
            'is_kept': target > 0 and value is not null and unit <> 'fraction' and is_complete},
        {'field': 'attainment', 'expression': 'attainment', 'value': attainment, 'unit': 'fraction', 'is_kept': attainment is not null and is_complete},
        {'field': 'is_met', 'expression': 'is_met::integer', 'value': is_met::integer, 'unit': 'boolean', 'is_kept': is_met is not null and is_complete},
        {'field': 'benchmark', 'expression': 'benchmark', 'value': benchmark, 'unit': unit, 'is_kept': benchmark is not null},
        {'field': 'previous_value', 'expression': 'previous_value', 'value': previous_value, 'unit': unit, 'is_kept': previous_value is not null},
        {'field': 'change', 'expression': 'change', 'value': change, 'unit': change_unit, 'is_kept': change is not null},
        {'field': 'change_rate', 'expression': 'change_rate', 'value': change_rate, 'unit': 'fraction', 'is_kept': change_rate is not null},
        {'field': 'year_ago_value', 'expression': 'year_ago_value', 'value': year_ago_value, 'unit': unit, 'is_kept': year_ago_value is not null and grain <> 'year'},
        {'field': 'year_ago_change', 'expression': 'year_ago_change', 'value': year_ago_change, 'unit': change_unit, 'is_kept': year_ago_change is not null and grain <> 'year'},
        {'field': 'year_ago_change_rate', 'expression': 'year_ago_change_rate', 'value': year_ago_change_rate, 'unit': 'fraction', 'is_kept': year_ago_change_rate is not null and grain <> 'year'},
        {'field': 'is_complete', 'expression': 'is_complete::integer', 'value': is_complete::integer, 'unit': 'boolean', 'is_kept': true}
    ], recursive := true)
    from scored
), texts as (
    select
        kpi_id, grain, period, dimension, member, numerator, denominator, definition_version, source_status, row_query, sources, period_start, period_end,
        unnest([
        {'field': 'target_owner', 'expression': 'target_owner', 'text_value': case when target is not null then target_owner end},
        {'field': 'benchmark_source', 'expression': 'benchmark_source', 'text_value': case when benchmark is not null then benchmark_source end}
    ], recursive := true)
    from scored
)
select
    'metrics' as section, kpi_id, grain, period, dimension, member, field, value, cast(null as varchar) as text_value, unit,
    case when field = 'value' then numerator end as numerator, case when field = 'value' then denominator end as denominator,
    definition_version, source_status, 'select ' || expression || row_query as query, sources, period_start as from_day, period_end as to_day
from fields
where is_kept
union all by name
select
    'metrics' as section, kpi_id, grain, period, dimension, member, field, text_value, 'text' as unit, definition_version, source_status,
    'select ' || expression || row_query as query, sources, period_start as from_day, period_end as to_day
from texts
where text_value is not null
