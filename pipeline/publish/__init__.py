"""Copies what others may read from the open warehouse into one file that is always whole.

Reports and their rendering do not belong here (pipeline/report), nor does what the tables hold (dbt_project).
"""

from pipeline.publish.published_file import PublishResult, publish

__all__ = ["PublishResult", "publish"]
