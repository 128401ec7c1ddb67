"""The Dagster shell: assets, checks, jobs, schedules and the run of a pipeline in one process.

Here stages are wired together; what a stage does stands in its own package.
Nothing here decides what a row or a number is.
"""
