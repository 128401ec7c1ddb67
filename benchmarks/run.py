"""What a run costs beside a bare dbt build of the same project: `make bench`.

Measured are cold processes, the median of three: `ops-summary run` on the default sample into an empty data
directory (dbt's manifest made beforehand), the same again with nothing new, and `dbt build` without unit tests on
the warehouse such a run has left (partial parse warm). The rounds are interleaved, so that noise hits all alike.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
ROUNDS = 3


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="ops-summary-bench-") as folder:
        return bench(Path(folder))


def bench(folder: Path) -> int:
    sources = folder / "sample" / "sources.yml"
    command([BIN / "ops-summary", "sample", sources.parent])
    seconds: dict[str, list[float]] = {}
    for number in range(1, ROUNDS + 1):
        data = folder / f"data-{number}"
        pipeline = [BIN / "ops-summary", "run", "--sources", sources, "--data-dir", data]
        command([BIN / "ops-summary", "prepare", "--sources", sources, "--data-dir", data])
        timed(seconds, "run", partial(command, pipeline))
        timed(seconds, "run, nothing new", partial(command, pipeline))
        if number == 1:
            shutil.copy(data / "warehouse.duckdb", folder / "warehouse.duckdb")
            dbt_build(folder)
        timed(seconds, "dbt build", partial(dbt_build, folder))
    report({name: statistics.median(measured) for name, measured in seconds.items()})
    return 0


def timed(seconds: dict[str, list[float]], name: str, work: Callable[[], None]) -> None:
    started = time.perf_counter()
    work()
    took = time.perf_counter() - started
    seconds.setdefault(name, []).append(took)
    print(f"{name:20} {took:6.1f} s", flush=True)


def dbt_build(folder: Path) -> None:
    """The same project on the same prepared tables, by dbt's own command line."""
    project = REPOSITORY / "dbt_project"
    options = {
        "--exclude-resource-type": "unit_test",
        "--project-dir": project,
        "--profiles-dir": project,
        "--target-path": folder / "dbt" / "target",
        "--log-path": folder / "dbt" / "logs",
    }
    arguments = ["--no-version-check", *(part for option in options.items() for part in option)]
    command([BIN / "dbt", "build", *arguments], OPS_SUMMARY_DBT_DATABASE=str(folder / "warehouse.duckdb"))


def command(arguments: Sequence[object], **environment: str) -> None:
    """Run to success; 3 is a success with a remark."""
    done = subprocess.run(
        [str(one) for one in arguments],
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 3):
        sys.exit(f"{' '.join(str(one) for one in arguments)} ended with {done.returncode}\n{done.stdout}{done.stderr}")


def report(medians: dict[str, float]) -> None:
    baseline = medians["dbt build"]
    print(f"\nmedian of {ROUNDS}, cold processes, {os.cpu_count()} cores\n")
    for name, median in medians.items():
        print(f"{name:20} {median:6.1f} s  {median / baseline:5.2f} × dbt build")


if __name__ == "__main__":
    sys.exit(main())
