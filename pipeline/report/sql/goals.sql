-- One row per count of goals: set, judged (the period is complete for the KPI), met and missed.
with targeted as (
    select s.* from kpis.kpi_scorecard as s inner join asked as a on s.grain = a.grain and s.period = a.period where s.target is not null
), fields as (
    select unnest([
        {'field': 'goals_set', 'condition': 'true', 'value': count(*)},
        {'field': 'goals_judged', 'condition': 'is_complete and is_met is not null', 'value': count(*) filter (where is_complete and is_met is not null)},
        {'field': 'goals_met', 'condition': 'is_complete and is_met', 'value': count(*) filter (where is_complete and is_met)},
        {'field': 'goals_missed', 'condition': 'is_complete and not is_met', 'value': count(*) filter (where is_complete and not is_met)}
    ], recursive := true)
    from targeted
)
select
    'objectives' as section, a.grain, a.period, 'all' as dimension, 'all' as member, field, value, 'count' as unit,
    'select count(*) from kpis.kpi_scorecard where target is not null and grain = ' || literal(a.grain) || ' and period = ' || literal(a.period)
    || ' and ' || condition as query, 'planning.targets' as sources
from fields, asked as a
