-- One row per KPI with its cells as JSON: grain, dimension, member, period: [numerator, denominator, value]. There are so many that
-- Python would take longer to write them down than DuckDB to reckon them.
create view kpi_texts as
with members as (
    select
        kpi_id, grain, dimension, member,
        string_agg(concat('"', period, '": ', json_array(numerator::varchar, denominator::varchar, value)), ', ' order by period) as cells
    from cells group by all
), dimensions as (
    select kpi_id, grain, dimension, string_agg(concat(to_json(member), ': {', cells, '}'), ', ' order by member) as members from members group by all
), grains as (
    select kpi_id, grain, string_agg(concat('"', dimension, '": {', members, '}'), ', ' order by dimension) as dimensions from dimensions group by all
)
select kpi_id, concat('{', string_agg(concat('"', grain, '": {', dimensions, '}'), ', ' order by grain), '}') as cells from grains group by all;
