"""Every KPI once more, in plain Python, from nothing but the clean tables and what the KPIs are said to mean.
It shares no code with the product and no SQL with the models, so that one mistake cannot stand in both.
How the tables are made and how the two are held against each other: tests/pipeline/test_kpi_reference.py.
"""
