"""What history costs: `python -m benchmarks.history` (BENCH_EVENTS, BENCH_ROUNDS, BENCH_FOLDER).

A company of BENCH_EVENTS events in 730 days, and the same company known for its newest 30 days alone, with the same
rows a day, are loaded from nothing. Then each is delivered the same one day more, and that run is timed, BENCH_ROUNDS
times, each from a copy of what the first load left; the median counts. Both loads of the long history are held against
a bare DuckDB script that computes the same KPIs from the same files: in cost, and every cell in value.
"""

import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.events.bare import compared
from benchmarks.events.company import Company, add_day, make
from benchmarks.measure import Cost, measured, run

LONG, SHORT = 730, 30
SHOWN = 15
TOTALS: dict[str, Callable[[Cost], float]] = {
    "seconds": lambda cost: cost.seconds,
    "seconds of cpu": lambda cost: cost.cpu,
    "GiB at the peak": lambda cost: cost.peak / (1 << 30),
}


def main() -> int:
    events, rounds = (int(os.environ.get(*said)) for said in (("BENCH_EVENTS", "500000"), ("BENCH_ROUNDS", "2")))
    company = Company(events, LONG)
    print(f"{events:,} events in {LONG} days, {company.sessions_a_day:,} sessions a day, {os.cpu_count()} cores\n")
    with tempfile.TemporaryDirectory(prefix="ops-summary-history-", dir=os.environ.get("BENCH_FOLDER")) as folder:
        return bench(company, Path(folder), rounds)


def bench(company: Company, folder: Path, rounds: int) -> int:
    newest, next_day = company.day(company.days - 1), company.day(company.days)
    places = {history: folder / str(history) for history in (SHORT, LONG)}
    for history, place in places.items():
        make(company, place, history)
        said(f"{history} days from nothing", run(place / "sources.yml", place / "loaded", newest))
    are_equal = beside_bare(company, places[LONG], "loaded", newest)
    for place in places.values():
        add_day(company, place)
    costs: dict[int, list[Cost]] = {SHORT: [], LONG: []}
    for _ in range(rounds):
        for history, place in places.items():
            shutil.rmtree(place / "data", ignore_errors=True)
            shutil.copytree(place / "loaded", place / "data")
            costs[history].append(run(place / "sources.yml", place / "data", next_day))
            said(f"one day more on {history} days", costs[history][-1])
    are_equal &= beside_bare(company, places[LONG], "data", next_day)
    growth(costs[SHORT], costs[LONG])
    return 0 if are_equal else 1


def said(what: str, cost: Cost) -> None:
    print(f"{what:28} {cost}", flush=True)


def beside_bare(company: Company, place: Path, data: str, as_of: object) -> bool:
    """Print what bare DuckDB costs; returns whether it finds the KPI values that the run published."""
    first_day, into = company.day(company.days - LONG), place / "bare.parquet"
    script = (sys.executable, "-m", "benchmarks.events.bare")
    said(f"bare DuckDB, {LONG} days", measured([*script, place / "exports", first_day, as_of, into]))
    cells, different = compared(into, place / data / "published" / "ops.duckdb")
    told = "all equal" if not different else f"not equal: {different}"
    print(f"{cells:,} KPI cells of the run and of bare DuckDB: {told}\n", flush=True)
    return not different


def growth(short: list[Cost], long: list[Cost]) -> None:
    """Where one day more costs more on the long history than on the short."""
    print(f"\n{f'one day more, median of {len(short)}':36}{f'{SHORT} days':>12}{f'{LONG} days':>12}")
    for name, of in TOTALS.items():
        row(name, *(statistics.median(of(cost) for cost in side) for side in (short, long)))
    added("step", medians([cost.steps for cost in short]), medians([cost.steps for cost in long]))
    added("dbt node", medians([cost.nodes for cost in short]), medians([cost.nodes for cost in long]))


def added(what: str, before: Mapping[str, float], after: Mapping[str, float]) -> None:
    print(f"\nseconds by {what}, first where history adds most")
    for name in sorted(after, key=lambda name: before.get(name, 0) - after[name])[:SHOWN]:
        row(name, before.get(name, 0), after[name])


def row(name: str, before: float, after: float) -> None:
    ratio = f"{after / before:6.2f} ×" if before else ""
    print(f"{name:36}{before:12.2f}{after:12.2f} {ratio}")


def medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: statistics.median(one.get(name, 0) for one in runs) for name in runs[0]}


if __name__ == "__main__":
    sys.exit(main())
