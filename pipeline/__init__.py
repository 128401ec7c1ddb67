"""The ops-summary pipeline: one package per stage, and the few modules that every stage shares.

Here belong settings, configuration models, errors and the one place that opens DuckDB.
No vendor, entity, column or KPI name belongs in generic code: those live in YAML and SQL.
"""
