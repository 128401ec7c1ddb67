"""What the terminal shows while a run goes on: a line per finished step, and each failed check."""

import logging
from typing import Any

import dagster as dg
from rich.console import Console
from rich.status import Status

NAME = "progress"


class Progress(logging.Handler):
    """Listens to Dagster's own events; nothing of the pipeline reports to it."""

    def __init__(self, console: Console) -> None:
        super().__init__(logging.DEBUG)
        self._console = console
        self._status = Status("starting", console=console)

    def __enter__(self) -> "Progress":
        # What an op logs is in the run's own log; a library that sets up the root logger would print it here too
        logging.getLogger("dagster.builtin").propagate = False
        self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def emit(self, record: logging.LogRecord) -> None:
        event = _dagster_event(record)
        if event is None:
            return
        kind = event.event_type_value
        if kind == "STEP_START":
            self._status.update(str(event.step_key))
        elif kind == "STEP_SUCCESS":
            seconds = event.event_specific_data.duration_ms / 1000
            self._console.print(f"  [green]✓[/] {event.step_key:<24} {seconds:6.1f} s")
        elif kind == "STEP_FAILURE":
            self._console.print(f"  [red]✗[/] {event.step_key}")
        elif kind == "ASSET_CHECK_EVALUATION" and not event.event_specific_data.passed:
            self._failed_check(event.event_specific_data)

    def _failed_check(self, evaluation: Any) -> None:
        is_error = evaluation.severity == dg.AssetCheckSeverity.ERROR
        colour, word = ("red", "error") if is_error else ("yellow", "warning")
        key = "/".join(evaluation.asset_key.path)
        failing = evaluation.metadata.get("dagster_dbt/failed_row_count")
        count = f": {failing.value} rows" if failing else ""
        self._console.print(
            f"    [{colour}]{word}[/] {key} {evaluation.check_name}{count}", highlight=False, soft_wrap=True
        )
        for line in (evaluation.description or "").splitlines():
            self._console.print(f"      {line}", markup=False, highlight=False, soft_wrap=True)


def _dagster_event(record: logging.LogRecord) -> Any:
    meta = getattr(record, "dagster_meta", None)
    return meta.get("dagster_event") if isinstance(meta, dict) else None


def logger_of(handler: logging.Handler) -> dg.LoggerDefinition:
    """A Dagster logger that hands everything to the handler."""

    def make(_: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger(NAME, logging.DEBUG)
        logger.addHandler(handler)
        return logger

    return dg.LoggerDefinition(logger_fn=make)
