-- Facts as found become facts with an id and their provenance: deliveries by entity and the checks those went through.
insert into report.facts by name
with needs as (
    select distinct f.sources, case when coalesce(c.reach, 'period') = 'period' then f.from_day end as from_day, f.to_day
    from found as f
    left join kpis.kpi_catalog as c on f.kpi_id = c.kpi_id
    where f.sources is not null
), needed as (
    select sources, from_day, to_day, unnest(string_split(sources, ',')) as entity from needs
), delivered as (
    select n.sources, n.from_day, n.to_day, l.entity, l.source, l.load_id, l.first_day
    from needed as n
    inner join ops.loads as l on n.entity = l.entity and l.status = 'loaded'
        and coalesce(l.first_day <= n.to_day, true) and coalesce(l.last_day >= n.from_day, true)
), loads as (
    select sources, from_day, to_day, to_json(list({'entity': entity, 'source': source, 'deliveries': deliveries, 'newest': newest} order by entity, source)) as loads
    from (
        select sources, from_day, to_day, entity, source, count(*) as deliveries, list(load_id order by first_day desc nulls last, load_id desc)[:3] as newest
        from delivered group by all
    )
    group by all
), verdicts as (
    select d.sources, d.from_day, d.to_day, r.rule, r.severity, bool_and(r.is_success) as is_success
    from delivered as d
    inner join ops.check_results as r on d.load_id = r.load_id and d.source = r.source and d.entity = r.entity
    group by all
), checks as (
    select sources, from_day, to_day, to_json({'passed': count(*) filter (where is_success),
        'failed': coalesce(list(severity || ': ' || rule order by severity, rule) filter (where not is_success), [])}) as checks
    from verdicts group by all
)
select
    concat_ws('/', f.section, id_part(coalesce(f.kpi_id, '-')), f.grain, f.period, id_part(f.dimension), id_part(f.member), f.field) as fact_id,
    f.section, f.kpi_id, f.grain, f.period, f.dimension, f.member, f.field, f.value, f.text_value, f.unit, f.numerator, f.denominator,
    f.definition_version, coalesce(f.source_status, 'current') as source_status,
    -- In ops.duckdb the catalogue is called ops too, and ops.loads alone would be ambiguous
    regexp_replace(f.query, '([^.a-z_])ops[.]([a-z_]+)', '\1ops.ops.\2', 'g') as query, l.loads, k.checks, $run_id as run_id,
    a.grain as summary_grain, a.period as summary_period
from found as f
cross join asked as a
left join kpis.kpi_catalog as c on f.kpi_id = c.kpi_id
left join loads as l on f.sources = l.sources and f.to_day is not distinct from l.to_day
    and (case when coalesce(c.reach, 'period') = 'period' then f.from_day end) is not distinct from l.from_day
left join checks as k on l.sources = k.sources and l.to_day is not distinct from k.to_day and l.from_day is not distinct from k.from_day
order by fact_id
