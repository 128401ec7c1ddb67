"""Jobs and schedules: the refresh of all tables, and one job per kind of summary."""

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from pipeline.operate.project import Project
from pipeline.operate.summary_assets import FACTS, GRAIN_TAG, PUBLISHED, SUMMARIES, summary_key

REFRESH = "daily_refresh"


def summary_job_name(name: str) -> str:
    return f"{name}_summary"


def make_jobs() -> list[UnresolvedAssetJobDefinition]:
    """daily_refresh materializes everything up to the facts and publishes; <name>_summary makes one period's document."""
    summaries = dg.AssetSelection.assets(*(summary_key(name) for name in SUMMARIES))
    refresh = dg.define_asset_job(
        REFRESH,
        selection=dg.AssetSelection.all() - summaries,
        description="Load every export, rebuild the tables, publish them.",
    )
    return [refresh, *(_summary_job(name, grain) for name, grain in SUMMARIES.items())]


def _summary_job(name: str, grain: str) -> UnresolvedAssetJobDefinition:
    return dg.define_asset_job(
        summary_job_name(name),
        selection=dg.AssetSelection.assets(FACTS, summary_key(name), PUBLISHED),
        tags={GRAIN_TAG: grain},
        description=f"The operations summary of one {grain}, and the tables published with it.",
    )


def make_schedules(project: Project) -> list[dg.ScheduleDefinition]:
    """Every morning after the business day is over, in the company's time zone; off until switched on."""
    return [
        dg.ScheduleDefinition(
            job_name=REFRESH,
            cron_schedule="0 5 * * *",
            execution_timezone=project.configuration.company.time_zone,
            name=f"{REFRESH}_at_five",
        )
    ]
