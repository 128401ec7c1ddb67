"""The command: writes what is stale, or with --check names it; tells and refuses a KPI that changed unsaid."""

import argparse
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from pipeline.errors import ConfigurationError, UserError
from pipeline.form import Form
from pipeline.generate import COMMAND
from pipeline.generate.definitions import ALL, Lock, make_lock, mistakes, read_lock
from pipeline.generate.files import LOCK_FILE, forms, kpi_pages, project_files, stale, surplus
from pipeline.generate.kpis import read_kpis
from pipeline.model import dbt
from pipeline.settings import DBT_PROJECT, REPOSITORY
from pipeline.warehouse import open_warehouse


def main(arguments: list[str]) -> int:
    """Do it and return the exit code: 1 for what is stale under --check, and for what is refused."""
    options = _parser().parse_args(arguments)
    try:
        return _check() if options.check else _generate(options.same_definitions)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1


def locked_now(target: Path) -> Lock:
    """The lock as the project's files make it; `target` is where dbt may write. About ten seconds."""
    warehouse = open_warehouse(target / "warehouse.duckdb", {})
    try:
        parsed = dbt.prepare(dbt.Project(DBT_PROJECT, target, warehouse.path))
        return make_lock(dbt.compiled_models(parsed), versions())
    finally:
        warehouse.close()


def versions() -> dict[str, int]:
    """By KPI, the definition version its yml says."""
    return {kpi.kpi_id: kpi.meta["definition_version"] for kpi in read_kpis(DBT_PROJECT)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=COMMAND, description="Write every generated file anew.")
    parser.add_argument("--check", action="store_true", help="write nothing, name what is stale; compiles no SQL")
    parser.add_argument(
        "--same-definitions",
        nargs="+",
        default=[],
        metavar="KPI",
        help=f"KPIs ({ALL} for all) whose SQL changed and whose every cell stays what it was",
    )
    return parser


def _check() -> int:
    lock = read_lock(LOCK_FILE)
    texts = project_files() | kpi_pages(lock)
    found = [*stale(texts, forms()), *surplus(texts)]
    if {kpi_id: one.definition_version for kpi_id, one in lock.kpis.items()} != versions():
        found.append(LOCK_FILE)
    for path in found:
        print(f"{path.relative_to(REPOSITORY)}: is stale; to do: {COMMAND}", file=sys.stderr)
    return 1 if found else 0


def _generate(same: list[str]) -> int:
    _write(project_files(), forms())
    with tempfile.TemporaryDirectory() as folder:
        lock, old = locked_now(Path(folder)), read_lock(LOCK_FILE)
    refused = list(mistakes(old, lock, same))
    if refused:
        raise ConfigurationError(refused)
    pages = kpi_pages(lock)
    _write(pages | {LOCK_FILE: lock.text()}, {})
    _remove(surplus(pages))
    return 0


def _write(texts: Mapping[Path, str], workbooks: Mapping[Path, Form]) -> None:
    for path in stale(texts, workbooks):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path in workbooks:
            workbooks[path].write(path)
        else:
            path.write_text(texts[path], encoding="utf-8")
        print(f"wrote {path.relative_to(REPOSITORY)}")


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink()
        print(f"removed {path.relative_to(REPOSITORY)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
