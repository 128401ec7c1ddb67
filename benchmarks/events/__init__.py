"""A company of any size: its exports, made by DuckDB alone, and its KPIs computed by bare DuckDB.

No figures and no clocks: what is measured on it is told by the benchmarks above.
"""
