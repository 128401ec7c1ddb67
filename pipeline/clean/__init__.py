"""The clean stage: landed text becomes typed, corrected, deduplicated rows of an entity, or quarantine.

Here belong mapping, casts, corrections, duplicates, the commit of a delivery and the status of sources.
Reading files is extract's work, judging rules validate's (handed in as a function), modelling dbt's.
"""
