"""The real command line, or one function, in processes of their own, which can be killed with SIGKILL at any point.

Nothing in the pipeline knows of it: a process wraps the one function at which it is to die, then runs as always. The
processes are forked from one that has imported everything, which spares each the seconds of its imports.
"""

import importlib
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Literal

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(
    [
        "pipeline.cli",
        "pipeline.operate.event_log",
        "pipeline.operate.run",
        "pipeline.operate.dbt_assets",
        "pipeline.report.render",
        "pipeline.validate.gx",
        "great_expectations",
        "dbt.cli.main",
        "dbt.adapters.duckdb",
        "boto3",
    ]
)
KILLED = -signal.SIGKILL
SECONDS = 1800


@dataclass(frozen=True)
class Point:
    """Where a process dies: before or after the `call`th call of a function, as `module:name` finds it.

    With `about`, only calls count of which an argument, as text, holds it.
    """

    function: str
    when: Literal["before", "after"]
    call: int = 1
    about: str = ""


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code (KILLED when it was killed), what it printed, and the seconds it took."""

    code: int | None
    stdout: str
    stderr: str
    seconds: float

    @property
    def output(self) -> str:
        return self.stdout + self.stderr


def ops(
    arguments: Sequence[object],
    *,
    die_at: Point | None = None,
    die_after: float | None = None,
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Run `ops-summary <arguments>`; `die_after` seconds kill it wherever it is by then."""
    said = [str(one) for one in arguments]
    return run(_command_line, said, dict(environment or {}), die_at=die_at, die_after=die_after)


def run(
    work: Callable[..., None], *arguments: object, die_at: Point | None = None, die_after: float | None = None
) -> Ended:
    """Run a function of a module in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="mortal-") as folder:
        logs = (Path(folder) / "stdout", Path(folder) / "stderr")
        process = _PROCESSES.Process(target=_run, args=(work, arguments, logs, die_at))
        started = time.monotonic()
        process.start()
        process.join(SECONDS if die_after is None else die_after)
        if process.is_alive():
            process.kill()
            process.join()
        seconds = time.monotonic() - started
        stdout, stderr = (log.read_text(errors="replace") if log.exists() else "" for log in logs)
    return Ended(process.exitcode, stdout, stderr, seconds)


def _run(
    work: Callable[..., None], arguments: tuple[object, ...], logs: tuple[Path, Path], die_at: Point | None
) -> None:
    for stream, log in enumerate(logs, start=1):
        with log.open("wb") as file:
            os.dup2(file.fileno(), stream)
    if die_at is not None:
        _wrap(die_at)
    work(*arguments)


def _command_line(arguments: list[str], environment: dict[str, str]) -> None:
    from pipeline.cli import main

    os.environ.update(environment)
    sys.argv = ["ops-summary", *arguments]
    main()


def _wrap(point: Point) -> None:
    module, _, path = point.function.partition(":")
    owner: Any = importlib.import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    real, calls = getattr(owner, name), count(1)

    def mortal(*arguments: Any, **options: Any) -> Any:
        is_meant = not point.about or any(point.about in str(one) for one in arguments)
        is_due = is_meant and next(calls) == point.call
        if is_due and point.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*arguments, **options)
        if is_due:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, mortal)
