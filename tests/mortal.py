"""The real command line, or one function, in processes of their own, killed with SIGKILL at a named point or at any moment.

Nothing in the pipeline knows of it: a process wraps the one function at which it is to die, then runs as always. The
processes are forked from one that has imported everything, which spares each the seconds of its imports.
"""

import importlib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Literal

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(
    [
        "pipeline.cli",
        "pipeline.operate.run",
        "pipeline.operate.dbt_assets",
        "pipeline.validate.gx",
        "dbt.cli.main",
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
    output: str
    seconds: float


def ops(
    arguments: Sequence[object], log: Path, *, die_at: Point | None = None, die_after: float | None = None
) -> Ended:
    """Run `ops-summary <arguments>`; `die_after` seconds kill it wherever it is by then."""
    return run(_command_line, [str(one) for one in arguments], log=log, die_at=die_at, die_after=die_after)


def run(
    work: Callable[..., None],
    *arguments: object,
    log: Path,
    die_at: Point | None = None,
    die_after: float | None = None,
) -> Ended:
    """Run a function of a module in a process of its own; what it prints goes to the log."""
    process = _PROCESSES.Process(target=_run, args=(work, arguments, log, die_at))
    started = time.monotonic()
    process.start()
    process.join(SECONDS if die_after is None else die_after)
    if process.is_alive():
        process.kill()
        process.join()
    output = log.read_text(errors="replace") if log.exists() else ""
    return Ended(process.exitcode, output, time.monotonic() - started)


def _run(work: Callable[..., None], arguments: tuple[object, ...], log: Path, die_at: Point | None) -> None:
    with log.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    if die_at is not None:
        _wrap(die_at)
    work(*arguments)


def _command_line(arguments: list[str]) -> None:
    from pipeline.cli import main

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
