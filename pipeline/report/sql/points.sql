-- One row per point of a chart: 13 periods of every KPI, and finer points of the headline KPIs.
with wanted as (
    select 'history' as section, kpi_id, a.grain, a.history_start as first_day from kpis.kpi_catalog, asked as a
    union all
    select 'trend', c.kpi_id, a.trend_grain, a.trend_start
    from kpis.kpi_catalog as c
    inner join ops.headline as h on c.kpi_id = h.kpi_id, asked as a
    where list_contains(string_split(c.grains, ','), a.trend_grain)
)
select
    w.section, v.kpi_id, v.grain, v.period, v.dimension, v.member, 'value' as field, v.value, c.unit, v.numerator, v.denominator, c.definition_version,
    s.source_status, 'select value from kpis.kpi_values where kpi_id = ' || literal(v.kpi_id) || ' and grain = ' || literal(v.grain)
    || ' and period = ' || literal(v.period) || ' and dimension = ''all'' and member = ''all''' as query, c.sources, v.period_start as from_day, v.period_end as to_day
from wanted as w
inner join asked as a on true
inner join kpis.kpi_values as v on w.kpi_id = v.kpi_id and w.grain = v.grain and v.period_start between w.first_day and a.period_end and v.dimension = 'all'
inner join kpis.kpi_catalog as c on v.kpi_id = c.kpi_id
left join kpis.kpi_scorecard as s on v.kpi_id = s.kpi_id and v.grain = s.grain and v.period_start = s.period_start and s.dimension = 'all'
