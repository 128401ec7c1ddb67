"""The Dagster definitions that `workspace.yaml` loads; `ops-summary run` executes the same ones.

Built from YAML and a dbt manifest made beforehand; no database is opened and nothing is parsed by dbt here.
"""

import dagster as dg

from pipeline.errors import UserError
from pipeline.operate.assembly import project_definitions
from pipeline.operate.project import load_project
from pipeline.settings import Settings, load_settings


def build_definitions(settings: Settings) -> dg.Definitions:
    """All assets, checks, jobs and schedules; wrong configuration loads as one asset that says what is wrong."""
    try:
        return project_definitions(load_project(settings))
    except UserError as error:
        return _explaining(str(error))


def _explaining(message: str) -> dg.Definitions:
    @dg.asset(key=["configuration", "mistakes"], group_name="configuration", description=message)
    def mistakes() -> None:
        raise dg.Failure(description=message)

    return dg.Definitions(assets=[mistakes])


defs = build_definitions(load_settings())
