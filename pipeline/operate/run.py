"""`ops-summary run`: the whole pipeline in one process, as two Dagster runs: the refresh, then the summary.

Two, because which period is the newest complete one is known only when the tables are there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import dagster as dg
from rich.console import Console

from pipeline.errors import ConfigurationError, UserError
from pipeline.model import dbt
from pipeline.operate.assembly import project_definitions
from pipeline.operate.check import configuration_mistakes
from pipeline.operate.choice import chosen_languages
from pipeline.operate.instance import open_instance
from pipeline.operate.jobs import REFRESH, summary_job_name
from pipeline.operate.privacy import remarks
from pipeline.operate.progress import NAME, Progress, logger_of
from pipeline.operate.project import Project, load_project
from pipeline.operate.summary_assets import FACTS, PUBLISHED, SUMMARIES
from pipeline.periods import Period, parse_period
from pipeline.report.default_period import default_period
from pipeline.settings import Settings
from pipeline.warehouse import open_warehouse

DONE, FAILED, WRONG, DONE_WITH_FAILURES = 0, 1, 2, 3


@dataclass(frozen=True)
class RunReport:
    """How a run ended: its exit code, the summary it made and what there is to say."""

    exit_code: int
    summary: Path | None = None
    period: str | None = None
    is_new: bool = False
    said: Sequence[str] = field(default_factory=tuple)


def run_pipeline(settings: Settings, console: Console) -> RunReport:
    """Run everything; raises ConfigurationError (exit code 2), returns exit codes 0, 1 and 3 with their reasons."""
    project = load_project(settings)
    _refuse_mistakes(project)
    with open_instance(settings.dagster_home) as instance, Progress(console) as progress:
        dbt.prepare(project.dbt)
        definitions = project_definitions(project, {NAME: logger_of(progress)})
        refresh = _execute(definitions, REFRESH, instance, leave_out=(FACTS, PUBLISHED))
        said = _failures(refresh)
        if said:
            return RunReport(FAILED, said=said)
        period, remark = _period(project)
        made = _summarise(definitions, period, instance)
        return _judged(made, [*remarks(project), *([remark] if remark else [])], refresh)


def summarise(settings: Settings, console: Console) -> RunReport:
    """Make one period's summary from the tables as they stand, and publish them."""
    project = load_project(settings)
    _refuse_mistakes(project)
    with open_instance(settings.dagster_home) as instance, Progress(console) as progress:
        dbt.prepare(project.dbt)
        definitions = project_definitions(project, {NAME: logger_of(progress)})
        period, _ = _period(project)
        return _summarise(definitions, period, instance)


def _refuse_mistakes(project: Project) -> None:
    """Whatever is wrong with contracts, mappings or arguments is told before anything is loaded."""
    mistakes = configuration_mistakes(project)
    if mistakes:
        raise ConfigurationError(mistakes)
    _refuse_bad_period(project)
    chosen_languages(project.settings.language)


def _refuse_bad_period(project: Project) -> None:
    """A period nobody can mean is wrong before anything is loaded."""
    said = project.settings.period
    if said is None:
        return
    try:
        period = parse_period(said, project.configuration.company.fiscal_year_start)
    except UserError as error:
        raise ConfigurationError([error]) from None
    if period.grain == "day":
        mistake = UserError(
            "there is no summary of a day", where="--period", found=said, expected="a week, month, quarter or year"
        )
        raise ConfigurationError([mistake])
    if period.start > project.settings.last_business_day(project.configuration.company.time_zone):
        mistake = UserError(
            "the period has not begun", where="--period", found=said, action="choose an earlier one, or a later --as-of"
        )
        raise ConfigurationError([mistake])


def _summary_name(period: Period) -> str:
    return next(name for name, grain in SUMMARIES.items() if grain == period.grain)


def _period(project: Project) -> tuple[Period, str | None]:
    """The period asked for, else the newest complete month, with a remark when it was chosen for the user."""
    if project.settings.period:
        return parse_period(project.settings.period, project.configuration.company.fiscal_year_start), None
    warehouse = open_warehouse(project.settings.warehouse, project.contracts)
    try:
        chosen = default_period(warehouse.connection)
        return chosen.period, chosen.sentence
    finally:
        warehouse.close()


def _execute(
    definitions: dg.Definitions,
    job: str,
    instance: dg.DagsterInstance,
    *,
    leave_out: Sequence[dg.AssetKey] = (),
    partition: str | None = None,
) -> dg.ExecuteInProcessResult:
    resolved = definitions.resolve_job_def(job)
    wanted = [key for key in resolved.asset_layer.executable_asset_keys if key not in leave_out]
    return resolved.execute_in_process(
        instance=instance,
        partition_key=partition,
        asset_selection=wanted if leave_out else None,
        run_config={"loggers": {NAME: {}}},
        raise_on_error=False,
    )


def _failures(result: dg.ExecuteInProcessResult) -> list[str]:
    """One clear message per failed step; empty when the run succeeded and made all it was to make."""
    errors = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
    said = [_message(error) for error in errors if error is not None]
    if not said and not result.success:
        said = [f"the Dagster run {result.run_id} failed; look at it with `make ui`"]
    return list(dict.fromkeys(said))


def _message(error: Any) -> str:
    """The user's error where there is one at the bottom, else the last error with its kind."""
    while error.cause is not None:
        error = error.cause
    text = str(error.message).strip()
    kind, _, rest = text.partition(": ")
    return rest if kind.rpartition(".")[2] in ("UserError", "RefusedDelivery", "ConfigurationError") else text


def _summarise(definitions: dg.Definitions, period: Period, instance: dg.DagsterInstance) -> RunReport:
    made = _execute(definitions, summary_job_name(_summary_name(period)), instance, partition=period.start.isoformat())
    said = _failures(made)
    if said:
        return RunReport(FAILED, said=said)
    metadata = _summary_metadata(made)
    return RunReport(DONE, Path(str(metadata["summary"].value)), period.label, bool(metadata["is new"].value))


def _judged(made: RunReport, remarks: list[str], refresh: dg.ExecuteInProcessResult) -> RunReport:
    """The summary's report with what the refresh has to say: critical checks of deliveries make it exit code 3."""
    critical = sorted(
        f"{'/'.join(one.asset_key.path)} {one.check_name}"
        for one in refresh.get_asset_check_evaluations()
        if not one.passed
        and one.severity == dg.AssetCheckSeverity.ERROR
        and one.asset_key.path[0] in ("landing", "clean")
    )
    if critical:
        remarks = [
            *remarks,
            f"critical checks failed: {', '.join(critical)}; what rests on them is marked in the summary",
        ]
    code = DONE_WITH_FAILURES if critical and made.exit_code == DONE else made.exit_code
    return replace(made, exit_code=code, said=(*remarks, *made.said))


def _summary_metadata(made: dg.ExecuteInProcessResult) -> Mapping[str, dg.MetadataValue]:
    """Metadata of the one summary that was made."""
    events = [
        event
        for event in made.get_asset_materialization_events()
        if event.asset_key and event.asset_key.path[0] == "summary"
    ]
    return events[0].materialization.metadata


def prepare(settings: Settings) -> None:
    """Read all configuration and have dbt parse the project, so that the UI can load it."""
    project = load_project(settings)
    open_instance(settings.dagster_home).dispose()
    dbt.prepare(project.dbt)
