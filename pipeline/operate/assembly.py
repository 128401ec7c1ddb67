"""Assembles the definitions of a project: every asset, check, job, schedule and resource."""

from collections.abc import Mapping

import dagster as dg

from pipeline.errors import UserError
from pipeline.model import dbt
from pipeline.operate.clean_assets import make_clean_assets
from pipeline.operate.comparing import make_comparing_asset
from pipeline.operate.jobs import make_jobs, make_schedules
from pipeline.operate.landing_assets import make_landing_assets
from pipeline.operate.project import Project
from pipeline.operate.session import session_resource
from pipeline.operate.summary_assets import make_summary_assets


def project_definitions(project: Project, loggers: Mapping[str, dg.LoggerDefinition] | None = None) -> dg.Definitions:
    """Definitions of a project that was read without mistakes; raises UserError when dbt has not parsed it yet."""
    parsed = dbt.find(project.dbt)
    if parsed is None:
        raise UserError(
            "the dbt project has not been prepared",
            where=str(project.settings.dbt_dir),
            action="run `ops-summary prepare` or `ops-summary run`",
        )
    from pipeline.operate.dbt_assets import make_dbt_assets

    return dg.Definitions(
        assets=[
            *make_landing_assets(project),
            *make_clean_assets(project),
            make_comparing_asset(project),
            make_dbt_assets(parsed),
            *make_summary_assets(project),
        ],
        jobs=make_jobs(),
        schedules=make_schedules(project),
        resources={"warehouse": session_resource(project)},
        executor=dg.in_process_executor,
        loggers=loggers,
    )
