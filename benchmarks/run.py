"""What a run costs beside a bare dbt build of the same project: `python -m benchmarks.run`.

Measured are cold processes, the median of three: `ops-summary run` on the default sample into an empty data
directory (dbt's manifest made beforehand), the same again with nothing new, and `dbt build` without unit tests on
the warehouse such a run has left (partial parse warm). The rounds are interleaved, so that noise hits all alike.
"""

import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import OPS_SUMMARY, REPOSITORY, Cost, measured

DBT = Path(sys.executable).parent / "dbt"
ROUNDS = 3


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="ops-summary-bench-", dir=os.environ.get("BENCH_FOLDER")) as folder:
        return bench(Path(folder))


def bench(folder: Path) -> int:
    sources = folder / "sample" / "sources.yml"
    measured([*OPS_SUMMARY, "sample", sources.parent])
    costs: dict[str, list[Cost]] = {}
    for number in range(1, ROUNDS + 1):
        data = folder / f"data-{number}"
        options = ("--sources", sources, "--data-dir", data)
        measured([*OPS_SUMMARY, "prepare", *options])
        note(costs, "run", measured([*OPS_SUMMARY, "run", *options]))
        note(costs, "run, nothing new", measured([*OPS_SUMMARY, "run", *options]))
        if number == 1:
            shutil.copy(data / "warehouse.duckdb", folder / "warehouse.duckdb")
            dbt_build(folder)
        note(costs, "dbt build", dbt_build(folder))
    report(costs)
    return 0


def note(costs: dict[str, list[Cost]], name: str, cost: Cost) -> None:
    costs.setdefault(name, []).append(cost)
    print(f"{name:20} {cost}", flush=True)


def dbt_build(folder: Path) -> Cost:
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
    database = {"OPS_SUMMARY_DBT_DATABASE": str(folder / "warehouse.duckdb")}
    return measured([DBT, "build", *arguments], environment=database)


def report(costs: dict[str, list[Cost]]) -> None:
    baseline = median(costs["dbt build"])
    print(f"\nmedian of {ROUNDS}, cold processes, {os.cpu_count()} cores\n")
    for name, measurements in costs.items():
        seconds, cpu = median(measurements)
        print(
            f"{name:20} {seconds:6.1f} s {seconds / baseline[0]:5.2f} × dbt build"
            f"   cpu {cpu:6.1f} s {cpu / baseline[1]:5.2f} ×"
        )


def median(costs: list[Cost]) -> tuple[float, float]:
    """Seconds on the clock, and of cpu."""
    return statistics.median(one.seconds for one in costs), statistics.median(one.cpu for one in costs)


if __name__ == "__main__":
    sys.exit(main())
