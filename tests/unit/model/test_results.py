from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.model.results import Severity, build_result, real_severity


def _ran(unique_id: str, status: str, message: str | None = None, failures: int | None = None, **meta: str) -> Any:
    kind, _, name = unique_id.split(".")
    node = SimpleNamespace(
        unique_id=unique_id,
        resource_type=kind,
        name=name,
        schema="marts",
        original_file_path=f"models/{name}.sql",
        config=SimpleNamespace(meta=meta),
    )
    return SimpleNamespace(node=node, status=status, message=message, failures=failures, execution_time=0.5)


@pytest.mark.parametrize(
    ("meta", "severity"),
    [({}, "error"), ({"severity": "error"}, "error"), ({"severity": "warn"}, "warn"), ({"severity": "WARN"}, "warn")],
)
def test_a_test_is_an_error_unless_its_meta_says_warn(meta: dict[str, str], severity: str) -> None:
    assert real_severity(meta) == severity


@pytest.mark.parametrize(
    ("ran", "severity", "is_passed", "is_skipped", "failures", "message"),
    [
        (_ran("test.p.a", "pass", failures=0), "error", True, False, 0, ""),
        (_ran("test.p.a", "warn", "Got 2 results", 2), "error", False, False, 2, ""),
        (_ran("test.p.a", "warn", "Got 2 results", 2, severity="warn"), "warn", False, False, 2, ""),
        (_ran("test.p.a", "error", "Binder Error", 0), "error", False, False, None, "Binder Error"),
        (_ran("test.p.a", "skipped"), "error", False, True, None, ""),
    ],
)
def test_checks(
    ran: Any, severity: Severity, is_passed: bool, is_skipped: bool, failures: int | None, message: str
) -> None:
    [check] = build_result([ran], {}).checks
    told = (check.severity, check.is_passed, check.is_skipped, check.failures, check.message)
    assert told == (severity, is_passed, is_skipped, failures, message)
    assert (check.unique_id, check.name, check.file) == ("test.p.a", "a", "models/a.sql")


def test_models_and_checks_are_told_apart() -> None:
    ran = [
        _ran("model.p.a", "success"),
        _ran("test.p.t", "pass", failures=0),
        _ran("model.p.b", "error"),
        _ran("model.p.c", "skipped"),
    ]
    result = build_result(ran, {"model.p.a": 7})
    assert [(model.name, model.rows) for model in result.models] == [("a", 7), ("b", None), ("c", None)]
    assert [model.name for model in result.failed] == ["b"]
    assert [model.name for model in result.skipped] == ["c"]
    assert [check.name for check in result.checks] == ["t"]
    assert result.broken == []


def test_a_test_that_could_not_be_run_is_broken_and_one_that_found_rows_is_not() -> None:
    ran = [_ran("test.p.a", "error", failures=0), _ran("test.p.b", "warn", failures=3), _ran("test.p.c", "skipped")]
    assert [check.name for check in build_result(ran, {}).broken] == ["a"]
