"""Runs the dbt project on the open warehouse and says what came of every model and test.

SQL and definitions of tables and KPIs do not belong here: those live in dbt_project/ and in the user's KPI folder.
"""
