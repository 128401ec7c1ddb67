-- One row per source, entity and count of rows in the deliveries with days in the period (deliveries without dates count in every
-- period); and one per count over all sources.
with delivered as (
    select
        a.grain, a.period, a.period_start, a.period_end, l.source, l.entity, count(*) filter (where l.status = 'loaded') as deliveries, count(*) filter (where l.status = 'refused') as refused,
        sum(l.rows_read) as rows_read, sum(l.rows_clean) as rows_clean, sum(l.rows_quarantined) as rows_quarantined, sum(l.rows_duplicate) as rows_duplicate,
        sum(l.rows_superseded) as rows_superseded, sum(l.rows_deleted) as rows_deleted, sum(l.rows_not_for_entity) as rows_not_for_entity
    from ops.loads as l
    inner join asked as a on coalesce(l.first_day, a.period_start) <= a.period_end and coalesce(l.last_day, a.period_end) >= a.period_start
    group by grouping sets ((a.grain, a.period, a.period_start, a.period_end, l.source, l.entity), (a.grain, a.period, a.period_start, a.period_end))
), fields as (
    select *, unnest([
        {'field': 'deliveries', 'expression': 'count(*) filter (where status = ''loaded'')', 'value': deliveries, 'unit': 'count'},
        {'field': 'refused', 'expression': 'count(*) filter (where status = ''refused'')', 'value': refused, 'unit': 'count'},
        {'field': 'rows_read', 'expression': 'sum(rows_read)', 'value': rows_read, 'unit': 'count'},
        {'field': 'rows_clean', 'expression': 'sum(rows_clean)', 'value': rows_clean, 'unit': 'count'},
        {'field': 'rows_quarantined', 'expression': 'sum(rows_quarantined)', 'value': rows_quarantined, 'unit': 'count'},
        {'field': 'rows_duplicate', 'expression': 'sum(rows_duplicate)', 'value': rows_duplicate, 'unit': 'count'},
        {'field': 'rows_superseded', 'expression': 'sum(rows_superseded)', 'value': rows_superseded, 'unit': 'count'},
        {'field': 'rows_deleted', 'expression': 'sum(rows_deleted)', 'value': rows_deleted, 'unit': 'count'},
        {'field': 'rows_not_for_entity', 'expression': 'sum(rows_not_for_entity)', 'value': rows_not_for_entity, 'unit': 'count'},
        {'field': 'quarantine_rate', 'expression': 'sum(rows_quarantined) / nullif(sum(rows_read), 0)', 'value': rows_quarantined / nullif(rows_read, 0), 'unit': 'fraction'}
    ]::struct(field varchar, expression varchar, value double, unit varchar)[], recursive := true)
    from delivered
)
select
    'quality' as section, grain, period, case when source is null then 'all' else 'source+entity' end as dimension,
    coalesce(source || '+' || entity, 'all') as member, field, value, unit, entity as sources,
    'select ' || expression || ' from ops.loads where ' || coalesce('source = ' || literal(source) || ' and entity = ' || literal(entity) || ' and ', '')
    || 'coalesce(first_day, date ' || literal(period_end::varchar) || ') <= date ' || literal(period_end::varchar)
    || ' and coalesce(last_day, date ' || literal(period_start::varchar) || ') >= date ' || literal(period_start::varchar) as query,
    period_start as from_day, period_end as to_day
from fields
