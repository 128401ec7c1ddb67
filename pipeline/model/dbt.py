"""The one module that runs dbt, in this process, and sets what its profile reads.

Here belong parsing and building; which files make the project is parsed.py's affair, their content dbt_project's.
"""

import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import UserError
from pipeline.model.increments import must_rebuild, settle
from pipeline.model.kpi_files import kpi_ids
from pipeline.model.parsed import Parsed, Project, assemble, expected, find, keep_newest
from pipeline.model.results import (
    BuildResult,
    CheckResult,
    CompiledModel,
    ModelResult,
    NodeEvent,
    build_result,
    compiled_model,
    real_severity,
)
from pipeline.settings import set_environment

if TYPE_CHECKING:
    import duckdb
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

__all__ = [
    "BuildResult",
    "CheckResult",
    "CompiledModel",
    "ModelResult",
    "NodeEvent",
    "Parsed",
    "Project",
    "build",
    "compiled_models",
    "find",
    "kpi_ids",
    "prepare",
    "real_severity",
    "settle",
]

_QUIET = (
    "--no-send-anonymous-usage-stats",
    "--no-version-check",
    "--no-use-colors",
    "--quiet",
    "--no-print",
    "--log-level",
    "none",
    "--log-level-file",
    "info",
)
_RESULT_EVENTS = frozenset({"LogModelResult", "LogSeedResult", "LogSnapshotResult", "LogTestResult"})
_FILE = re.compile(r"[\w./-]+\.(?:sql|ya?ml|csv)\b")
_DRAWING = re.compile(r"^(-+|\^|[0-9]+ +\||Raw Error:|compiled code at .*)$|^[0-9]+ +\|")


def prepare(project: Project) -> Parsed:
    """Parse the project where anything it depends on has changed since the last time; about 3 seconds then.

    Raises ConfigurationError on wrong KPI files, UserError naming the file and dbt's first message.
    """
    parsed = expected(project)
    if parsed.manifest_json.is_file():
        os.utime(parsed.folder)
        return parsed
    _make(parsed.folder.parent)
    with tempfile.TemporaryDirectory(dir=parsed.folder.parent) as scratch:
        made = Path(scratch) / "made"
        _parse(parsed, made)
        _move_in(made, parsed.folder)
    keep_newest(parsed)
    return parsed


def build(
    parsed: Parsed,
    connection: "duckdb.DuckDBPyConnection",
    *,
    select: str | None = None,
    indirect_selection: str = "eager",
    on_event: Callable[[NodeEvent], None] = lambda event: None,
) -> BuildResult:
    """Build and test everything, or what `select` (dbt's grammar) names, in one dbt invocation.

    `connection` is the open warehouse's: dbt joins its instance. Models that follow changed days do so unless
    increments.must_rebuild() says that they cannot. `on_event` is called in a thread of dbt's.
    Raises UserError when a model cannot be built or a test cannot be run; all but what depends on it is built.
    """
    rows: dict[str, int | None] = {}
    cursor = connection.cursor()

    def hear(message: Any) -> None:
        if message.info.name in _RESULT_EVENTS:
            event = _node_event(message, cursor)
            rows[event.unique_id] = event.rows
            on_event(event)

    chosen = ["--select", select] if select else []
    arguments = ["build", *chosen, "--indirect-selection", indirect_selection]
    arguments += ["--exclude-resource-type", "unit_test", "--threads", "1", "--no-write-json"]
    if must_rebuild(parsed, cursor):
        arguments.append("--full-refresh")
    try:
        said = _invoke(parsed, parsed.sources, parsed.project.target / "target", arguments, _manifest(parsed), [hear])
    finally:
        cursor.close()
    if said.exception is not None:
        raise _explained(parsed, said.exception, "dbt cannot build the project")
    result = build_result(said.result.results, rows)
    if result.failed or result.broken:
        raise _not_built(parsed, result)
    return result


def compiled_models(parsed: Parsed) -> dict[str, CompiledModel]:
    """Every model by name, compiled. The database is opened and asked nothing: whoever has it open closes dbt's end too.

    Raises UserError when a model cannot be compiled.
    """
    arguments = ["compile", "--select", "resource_type:model", "--indirect-selection", "empty", "--full-refresh"]
    arguments += ["--threads", "1", "--no-populate-cache", "--no-write-json"]
    said = _invoke(parsed, parsed.sources, parsed.project.target / "target", arguments, _manifest(parsed))
    if said.exception is not None:
        raise _explained(parsed, said.exception, "dbt cannot compile the project")
    result = build_result(said.result.results, {})
    if result.failed:
        raise _not_built(parsed, result)
    return {one.node.name: compiled_model(one.node) for one in said.result.results}


def _invoke(
    parsed: Parsed,
    sources: Path,
    target: Path,
    arguments: list[str],
    manifest: "Manifest | None" = None,
    callbacks: list[Callable[[Any], None]] | None = None,
) -> "dbtRunnerResult":
    from dbt.cli.main import dbtRunner

    set_environment({"OPS_SUMMARY_DBT_DATABASE": str(parsed.project.database)})
    folders = {"project-dir": sources, "profiles-dir": sources, "target-path": target}
    places = [part for name, path in folders.items() for part in (f"--{name}", str(path))]
    variables = ["--vars", json.dumps({"kpi_ids": parsed.kpi_ids})]
    quiet = [*_QUIET, "--log-path", str(parsed.project.target / "logs")]
    return dbtRunner(manifest, callbacks).invoke([*quiet, *arguments, *places, *variables])


def _parse(parsed: Parsed, folder: Path) -> None:
    assemble(parsed, folder / "project")
    said = _invoke(parsed, folder / "project", folder, ["parse"])
    if said.exception is not None:
        raise _explained(parsed, said.exception, "dbt cannot read the project")


def _move_in(made: Path, folder: Path) -> None:
    """Into its place whole or not at all; another process that was quicker made the same."""
    try:
        made.rename(folder)
    except OSError:
        if not (folder / "manifest.json").is_file():
            raise


def _manifest(parsed: Parsed) -> "Manifest":
    """dbt's own object (from manifest.json it cannot be rebuilt), in which no data test stops a model."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    manifest = Manifest.from_msgpack(parsed.manifest_msgpack.read_bytes(), decoder=extended_mashumuro_decoder)
    for node in manifest.nodes.values():
        if node.resource_type == "test":
            node.config.severity = "warn"
    # What models read as `graph`; dbt does not keep it with the rest
    manifest.build_flat_graph()
    return manifest


def _node_event(message: Any, cursor: "duckdb.DuckDBPyConnection") -> NodeEvent:
    from dbt_common.events.functions import msg_to_dict

    raw = msg_to_dict(message)
    node = raw["data"]["node_info"]
    if node["resource_type"] == "test" or node["node_status"] != "success":
        return NodeEvent(raw, None, {})
    return NodeEvent(raw, _rows(cursor, node), _columns(cursor, node["node_relation"]))


def _rows(cursor: "duckdb.DuckDBPyConnection", node: Mapping[str, Any]) -> int | None:
    """Rows of a table; counting a view would run it."""
    if node["materialized"] in ("view", "ephemeral"):
        return None
    counted = cursor.execute(f"select count(*) from {node['node_relation']['relation_name']}").fetchone()
    return int(counted[0]) if counted else None


def _columns(cursor: "duckdb.DuckDBPyConnection", relation: Mapping[str, str]) -> dict[str, str]:
    query = "select column_name, data_type from duckdb_columns() where schema_name = ? and table_name = ?"
    return dict(cursor.execute(query, [relation["schema"], relation["alias"]]).fetchall())


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            "dbt's directory cannot be made",
            where=str(folder),
            found=str(error.strerror),
            action="give --data-dir a directory you may write to",
        ) from None


def _not_built(parsed: Parsed, result: BuildResult) -> UserError:
    failures: list[ModelResult | CheckResult] = [*result.failed, *result.broken]
    first, *others = failures
    what = f"the model {first.name} cannot be built" if result.failed else f"the test {first.name} cannot be run"
    also = f"; also failed: {', '.join(one.name for one in others)}" if others else ""
    skipped = f"; not built for that: {', '.join(one.name for one in result.skipped)}" if result.skipped else ""
    return UserError(
        what,
        where=parsed.shown(first.file),
        found=_plain(first.message) + also + skipped,
        action="correct it; compiled SQL and dbt's log are in " + str(parsed.project.target),
    )


def _explained(parsed: Parsed, error: BaseException, what: str) -> BaseException:
    """dbt's exception as the user's mistake it usually is; interruptions and faults of dbt's stay what they are."""
    from dbt_common.exceptions import DbtBaseException

    if not isinstance(error, DbtBaseException):
        return error
    message = str(error)
    file = _FILE.search(message)
    where = parsed.shown(file[0]) if file else parsed.project.folder.name
    return UserError(what, where=where, found=_plain(message), action="correct it")


def _plain(message: str) -> str:
    """dbt's message in one line, without its heading and its drawings."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    told = [line for line in lines[1:] if not _DRAWING.match(line)] or lines
    return " ".join(told)[:600]
