"""What landing and cleaning an export of many gigabytes costs beside bare DuckDB: `python benchmarks/load.py`.

An export of events is made, as CSV and as NDJSON, in files of a quarter of a gigabyte. Each step is a cold process of
its own, so that its peak memory is its own: bare DuckDB turns the same files into one zstd Parquet of text; landing
makes immutable, checked deliveries of them; cleaning types, corrects, deduplicates, judges and commits their rows.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

REPOSITORY = Path(__file__).resolve().parent.parent
FILE_BYTES = 1 << 28
ENTITY = "analytics.events"
SOURCES = """
company: {name: Benchmark, time_zone: America/New_York, currency: USD}
headline: [sessions]
sources:
  events: {connector: ./events.yml, location: ./exports, time_zone: UTC}
"""
CONNECTOR = """
exports:
  events:
    files: "*.%s"
    write: append
    entities:
      analytics.events:
        columns:
          event_id: id
          session_id: session
          user_id: customer
          event_name: name
          occurred_at: at
          page: page
"""
# A hundred bytes a row, as CSV
ROWS = """
    select printf('e%%012d', i) as id, printf('s%%010d', i // 7) as session, 'c' || (i * 7919 %% 100000) as customer,
        ['page_view', 'product_view', 'add_to_cart', 'checkout', 'purchase'][1 + i * 31 %% 5] as name,
        strftime(timestamp '2025-01-01' + to_seconds(cast(i as bigint)), '%%Y-%%m-%%dT%%H:%%M:%%SZ') as at,
        '/products/' || (i * 613 %% 5000) || '?ref=newsletter' as page
    from range(%d, %d) as numbers(i)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=2, help="size of the CSV; of the NDJSON the same rows")
    parser.add_argument("--memory-limit", help="DuckDB's, for example 2GB, for all steps alike")
    parser.add_argument("--step", choices=list(STEPS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--format", help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.step:
        return one_step(said.step, said.folder, said.format, said.memory_limit)
    with tempfile.TemporaryDirectory(prefix="ops-summary-load-") as folder:
        for suffix in ("csv", "ndjson"):
            bench(Path(folder) / suffix, suffix, int(said.gigabytes * (1 << 30)), said.memory_limit)
    return 0


def bench(folder: Path, suffix: str, size: int, memory_limit: str | None) -> None:
    (folder / "exports").mkdir(parents=True)
    (folder / "sources.yml").write_text(SOURCES)
    (folder / "events.yml").write_text(CONNECTOR % suffix)
    rows = make_exports(folder / "exports", suffix, size)
    written = sum(path.stat().st_size for path in (folder / "exports").iterdir())
    print(f"\n{suffix}: {written / (1 << 30):.2f} GiB, {rows:,} rows, {os.cpu_count()} cores\n")
    baseline: dict[str, float] = {}
    for step in STEPS:
        done = measured(step, folder, suffix, memory_limit)
        baseline = baseline or done
        print(
            f"{step:6} {done['seconds']:7.1f} s {done['seconds'] / baseline['seconds']:6.2f} × bare DuckDB"
            f"  cpu {done['cpu']:7.1f} s {done['cpu'] / baseline['cpu']:6.2f} ×"
            f"  {written / (1 << 20) / done['seconds']:6.0f} MiB/s  peak {done['peak'] / (1 << 30):5.2f} GiB",
            flush=True,
        )


def make_exports(folder: Path, suffix: str, size: int) -> int:
    """Rows written; the CSV rows are measured first, so that the files come out as large as asked for."""
    options = "format csv, header" if suffix == "csv" else "format json"
    connection = duckdb.connect()
    per_row = connection.execute(f"select avg(length(concat_ws(',', *columns(*))) + 1) from ({ROWS % (0, 10000)})")
    rows = int(size / float(per_row.fetchall()[0][0]))
    files = max(1, round(size / FILE_BYTES))
    for number in range(files):
        part = ROWS % (rows * number // files, rows * (number + 1) // files)
        connection.execute(f"copy ({part}) to '{folder}/events_{number + 1}.{suffix}' ({options})")
    connection.close()
    return rows


def measured(step: str, folder: Path, suffix: str, memory_limit: str | None) -> dict[str, float]:
    """Seconds, seconds of CPU and peak bytes of one step in a process of its own."""
    arguments = ["--step", step, "--folder", str(folder), "--format", suffix]
    arguments += ["--memory-limit", memory_limit] if memory_limit else []
    command = [sys.executable, str(Path(__file__)), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    if done.returncode != 0:
        sys.exit(f"{step} failed\n{done.stdout}{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def one_step(step: str, folder: Path, suffix: str, memory_limit: str | None) -> int:
    started = time.perf_counter()
    STEPS[step](folder, suffix, memory_limit)
    seconds, used = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * 1024}))
    return 0


def bare(folder: Path, suffix: str, memory_limit: str | None) -> None:
    """The least there is to do: read every row, write text."""
    read = "read_csv" if suffix == "csv" else "read_json"
    options = "all_varchar = true" if suffix == "csv" else "format = 'newline_delimited'"
    connection = duckdb.connect()
    if memory_limit:
        connection.execute(f"set memory_limit = '{memory_limit}'")
    connection.execute(
        f"copy (select * from {read}('{folder}/exports/*.{suffix}', {options}))"
        f" to '{folder}/bare.parquet' (format parquet, compression zstd)"
    )
    connection.close()


def land(folder: Path, suffix: str, memory_limit: str | None) -> None:
    from pipeline.operate.delivering import deliver
    from pipeline.operate.project import load_project
    from pipeline.operate.session import Session
    from pipeline.settings import load_settings

    settings = load_settings(sources=folder / "sources.yml", data_dir=folder / "data", memory_limit=memory_limit)
    session = Session(load_project(settings), "benchmark")
    result = deliver(session, "events", "events", None)
    session.close()
    if result.refused:
        sys.exit(str(result.refused[0].error))


def clean(folder: Path, suffix: str, memory_limit: str | None) -> None:
    from pipeline.operate.loading import load_entity
    from pipeline.operate.project import load_project
    from pipeline.operate.session import Session
    from pipeline.settings import load_settings

    settings = load_settings(sources=folder / "sources.yml", data_dir=folder / "data", memory_limit=memory_limit)
    session = Session(load_project(settings), "benchmark")
    project = session.project
    outcomes = load_entity(session, project.contracts[ENTITY], project.feeds_of(ENTITY), {})
    session.close()
    if refused := [one for one in outcomes if one.status != "loaded"]:
        sys.exit(str(refused[0]))


STEPS: dict[str, Callable[[Path, str, str | None], None]] = {"bare": bare, "land": land, "clean": clean}

if __name__ == "__main__":
    sys.exit(main())
