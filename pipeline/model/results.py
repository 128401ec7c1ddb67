"""What one dbt build did: a result per model and per data test, and the events while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warn"]


@dataclass(frozen=True)
class NodeEvent:
    """A node dbt has just finished. rows: of a table, null for views and tests; columns: name to type."""

    raw: Mapping[str, Any]
    rows: int | None
    columns: Mapping[str, str]

    @property
    def unique_id(self) -> str:
        return str(self.raw["data"]["node_info"]["unique_id"])


@dataclass(frozen=True)
class ModelResult:
    """One model (or seed). status: success, error or skipped; rows: null for views and what was not built."""

    unique_id: str
    file: str
    schema: str
    name: str
    status: str
    rows: int | None
    seconds: float
    message: str


@dataclass(frozen=True)
class CheckResult:
    """One data test.

    severity: the real one; failures: failing rows, null when the test itself could not be run, which
    `message` then explains.
    """

    unique_id: str
    file: str
    name: str
    severity: Severity
    is_passed: bool
    is_skipped: bool
    failures: int | None
    seconds: float
    message: str

    @property
    def is_broken(self) -> bool:
        return self.failures is None and not self.is_skipped


@dataclass(frozen=True)
class CompiledModel:
    """A model's SQL as its first build would run it, without the database's name, and the names of the models it reads."""

    sql: str
    reads: tuple[str, ...]


@dataclass(frozen=True)
class BuildResult:
    """Everything one build did, in the order it was done."""

    models: tuple[ModelResult, ...]
    checks: tuple[CheckResult, ...]

    @property
    def failed(self) -> list[ModelResult]:
        return [model for model in self.models if model.status == "error"]

    @property
    def broken(self) -> list[CheckResult]:
        """Tests that could not be run: dbt then builds nothing that depends on their model."""
        return [check for check in self.checks if check.is_broken]

    @property
    def skipped(self) -> list[ModelResult]:
        return [model for model in self.models if model.status == "skipped"]


def real_severity(meta: Mapping[str, Any]) -> Severity:
    """Severity of a data test: `meta.severity`, error where it says nothing; to dbt itself every test only warns."""
    return "warn" if str(meta.get("severity", "error")).lower() == "warn" else "error"


def build_result(results: list[Any], rows: Mapping[str, int | None]) -> BuildResult:
    """dbt's own run results as ours; `rows` by unique id."""
    nodes = [one for one in results if getattr(one, "node", None) is not None]
    return BuildResult(
        models=tuple(_model(one, rows) for one in nodes if one.node.resource_type in ("model", "seed", "snapshot")),
        checks=tuple(_check(one) for one in nodes if one.node.resource_type == "test"),
    )


def _model(one: Any, rows: Mapping[str, int | None]) -> ModelResult:
    return ModelResult(
        unique_id=one.node.unique_id,
        file=one.node.original_file_path,
        schema=one.node.schema,
        name=one.node.name,
        status=str(one.status),
        rows=rows.get(one.node.unique_id),
        seconds=one.execution_time,
        message=one.message or "",
    )


def _check(one: Any) -> CheckResult:
    status = str(one.status)
    has_run = status in ("pass", "warn", "fail")
    return CheckResult(
        unique_id=one.node.unique_id,
        file=one.node.original_file_path,
        name=one.node.name,
        severity=real_severity(one.node.config.meta),
        is_passed=status == "pass",
        is_skipped=status == "skipped",
        failures=one.failures if has_run else None,
        seconds=one.execution_time,
        message="" if has_run else one.message or "",
    )


def compiled_model(node: Any) -> CompiledModel:
    """dbt's own node, once compiled, as ours. What only later builds read (which days changed) its SQL does not name."""
    sql = node.compiled_code.replace(f'"{node.database}".', "")
    parents = [name.split(".")[-1] for name in node.depends_on.nodes if name.startswith("model.")]
    return CompiledModel(sql, tuple(parent for parent in parents if f'"{parent}"' in sql))
