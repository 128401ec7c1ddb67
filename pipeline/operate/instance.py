"""Dagster's instance in the data directory: one for the UI and the command line."""

from pathlib import Path

import dagster as dg

from pipeline.settings import set_environment

_CONFIGURATION = """\
# Written once by ops-summary; yours to change.
telemetry:
  enabled: false
nux:
  enabled: false
# The files of Dagster's own SQLite storage, kept open during a run: without these lines they are read just as well
storage:
  custom:
    module: pipeline.operate.event_log
    class: Storage
    config:
      base_dir: {env: DAGSTER_HOME}
run_retries:
  enabled: true
  max_retries: 0
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days: {skipped: 7, failure: 30, success: 90}
"""


def open_instance(home: Path) -> dg.DagsterInstance:
    """The instance at `home`, made with its dagster.yaml where there is none; the caller closes it."""
    home.mkdir(parents=True, exist_ok=True)
    configuration = home / "dagster.yaml"
    if not configuration.exists():
        configuration.write_text(_CONFIGURATION, encoding="utf-8")
    set_environment({"DAGSTER_HOME": str(home)})
    return dg.DagsterInstance.from_config(str(home))
