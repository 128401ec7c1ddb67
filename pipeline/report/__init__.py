"""The summary: facts and statements chosen from the published tables, editions, and their wording in a language.
No KPI is computed here, nothing is loaded or judged, and no database is opened: the renderer only rounds and scales.
KPIs go to dbt_project/models/marts/kpis, analysis to pipeline/analyze, opening the warehouse to pipeline/warehouse.py.
"""
