"""What a command costs in a process of its own, and where a run's time went."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

REPOSITORY = Path(__file__).resolve().parent.parent
OPS_SUMMARY = (sys.executable, "-c", "from pipeline.cli import main; main()")
DONE, DONE_WITH_REMARKS = 0, 3
_STEP = re.compile(r"✓ (\S+) +([\d.]+) s$", re.MULTILINE)
_NODE = re.compile(r"of \d+ (?!START)[A-Z].*? (\S+) \.* ?\[.* in ([\d.]+)s\]$", re.MULTILINE)


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock and of all cores, the most memory held at a time in bytes, and seconds by step and dbt node."""

    seconds: float
    cpu: float
    peak: int
    steps: Mapping[str, float] = field(default_factory=dict)
    nodes: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.seconds:7.1f} s   cpu {self.cpu:7.1f} s   peak {self.peak / (1 << 30):5.2f} GiB"


def measured(
    command: Sequence[object], *, data_dir: Path | None = None, environment: Mapping[str, str] = MappingProxyType({})
) -> Cost:
    """Run to success, with the repository as the place to import from; `data_dir` is that of a run, for dbt's log."""
    log = data_dir / "dbt" / "logs" / "dbt.log" if data_dir else None
    before = log.stat().st_size if log and log.exists() else 0
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=REPOSITORY,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY)} | dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read()
    if process.returncode not in (DONE, DONE_WITH_REMARKS):
        sys.exit(f"{' '.join(str(part) for part in command)} ended with {process.returncode}\n{said}")
    nodes = _seconds(_NODE, log.read_bytes()[before:].decode()) if log else {}
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, _seconds(_STEP, said), nodes)


def run(sources: Path, data_dir: Path, as_of: object) -> Cost:
    """One cold `ops-summary run`."""
    options = ("--sources", sources, "--data-dir", data_dir, "--as-of", as_of)
    return measured([*OPS_SUMMARY, "run", *options], data_dir=data_dir)


def _seconds(pattern: re.Pattern[str], text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, seconds in pattern.findall(text):
        found[name] = found.get(name, 0) + float(seconds)
    return found
