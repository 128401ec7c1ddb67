"""dbt in process on a project of a few models: what is built, what is told, what is left behind."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from pipeline.errors import UserError
from pipeline.model import dbt
from pipeline.operate.dbt_assets import make_dbt_assets, with_checks_attached
from pipeline.warehouse import Warehouse, open_warehouse
from tests.pipeline.tiny_project import OWN_KPI, PROJECT, write_files


@pytest.fixture(scope="module")
def parsed_once(tmp_path_factory: pytest.TempPathFactory) -> dbt.Parsed:
    """The tiny project with a KPI of the user's, parsed."""
    folder = tmp_path_factory.mktemp("tiny")
    write_files(folder / "project", PROJECT)
    write_files(folder / "own", OWN_KPI)
    database = folder / "data" / "warehouse.duckdb"
    return dbt.prepare(dbt.Project(folder / "project", folder / "data" / "dbt", database, folder / "own"))


@pytest.fixture
def warehouse(parsed_once: dbt.Parsed) -> Iterator[Warehouse]:
    """Three orders: one without id (a test of severity warn fails), one without amount (one of severity error)."""
    path = parsed_once.project.database
    path.unlink(missing_ok=True)
    warehouse = open_warehouse(path, {})
    warehouse.connection.execute(
        "create table clean.shop__orders (order_id varchar, amount decimal(18, 4), quantity varchar)"
    )
    warehouse.connection.execute(
        "insert into clean.shop__orders values ('a', 1, '1'), (null, 2, '1'), ('c', null, '1')"
    )
    yield warehouse
    warehouse.close()


def _break_the_fact(warehouse: Warehouse) -> None:
    """An order whose quantity the fact table cannot cast; staging and its tests do not mind."""
    warehouse.connection.execute("insert into clean.shop__orders values ('e', 5, 'three')")


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_one_build_makes_every_model_whatever_the_tests_say(parsed_once: dbt.Parsed, warehouse: Warehouse) -> None:
    heard: list[str] = []
    result = dbt.build(parsed_once, warehouse.connection, on_event=lambda event: heard.append(event.unique_id))
    assert {(model.schema, model.name, model.status, model.rows) for model in result.models} == {
        ("staging", "stg_shop__orders", "success", None),
        ("marts", "fct_orders", "success", 3),
        ("kpis", "kpi_catalog", "success", 2),
        ("kpis", "kpi_double", "success", 1),
        ("kpis", "kpi_orders", "success", 1),
        ("kpis", "kpi_values", "success", 2),
    }
    assert {(check.name, check.severity, check.is_passed, check.failures) for check in result.checks} == {
        ("not_null_stg_shop__orders_amount", "error", False, 1),
        ("not_null_stg_shop__orders_order_id", "warn", False, 1),
        ("unique_stg_shop__orders_order_id", "error", True, 0),
        ("values_have_orders", "error", True, 0),
    }
    told = [model.unique_id for model in result.models] + [check.unique_id for check in result.checks]
    assert sorted(heard) == sorted(told)
    values = warehouse.connection.execute("select * from kpis.kpi_values order by 1").fetchall()
    assert values == [("double", 6.0), ("orders", 3.0)]
    described = warehouse.connection.execute("select * from kpis.kpi_catalog order by 1").fetchall()
    assert described == [
        ("double", "One row, twice the number of orders."),
        ("orders", "One row, the number of orders."),
    ]


def test_a_second_build_sees_what_was_written_in_between(parsed_once: dbt.Parsed, warehouse: Warehouse) -> None:
    dbt.build(parsed_once, warehouse.connection)
    warehouse.connection.execute("insert into clean.shop__orders values ('d', 4, '1')")
    result = dbt.build(parsed_once, warehouse.connection, select="+kpi_orders")
    assert [(model.name, model.rows) for model in result.models][1:] == [("fct_orders", 4), ("kpi_orders", 1)]
    assert warehouse.connection.execute("select value from kpis.kpi_orders").fetchall() == [(4,)]


def test_nothing_is_printed_and_the_projects_folders_stay_as_they_are(
    parsed_once: dbt.Parsed, warehouse: Warehouse, capfd: pytest.CaptureFixture[str]
) -> None:
    project = parsed_once.project
    assert project.user_kpis is not None
    before = _files(project.folder), _files(project.user_kpis)
    dbt.build(parsed_once, warehouse.connection)
    assert capfd.readouterr() == ("", "")
    assert (_files(project.folder), _files(project.user_kpis)) == before
    assert (project.target / "logs" / "dbt.log").is_file()


def test_after_closing_another_process_may_open_the_warehouse(parsed_once: dbt.Parsed, warehouse: Warehouse) -> None:
    dbt.build(parsed_once, warehouse.connection)
    code = f"import duckdb; print(duckdb.connect({str(warehouse.path)!r}).sql('from kpis.kpi_orders').fetchall())"
    command = [sys.executable, "-c", code]
    assert "lock" in subprocess.run(command, capture_output=True, text=True, check=False).stderr
    warehouse.close()
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[('orders', 3)]\n"


def test_a_model_that_fails_is_named_and_the_others_are_built(parsed_once: dbt.Parsed, warehouse: Warehouse) -> None:
    _break_the_fact(warehouse)
    with pytest.raises(UserError) as error:
        dbt.build(parsed_once, warehouse.connection)
    assert error.value.what == "the model fct_orders cannot be built"
    assert error.value.where == "project/models/marts/core/fct_orders.sql"
    assert "Conversion Error: Could not convert string 'three' to INT32" in error.value.found
    assert "not built for that: kpi_double, kpi_orders, kpi_values" in error.value.found
    assert warehouse.connection.execute("select count(*) from staging.stg_shop__orders").fetchall() == [(4,)]


def test_a_test_that_cannot_be_run_is_an_error(parsed_once: dbt.Parsed, warehouse: Warehouse) -> None:
    warehouse.connection.execute("alter table clean.shop__orders rename amount to paid")
    with pytest.raises(UserError) as error:
        dbt.build(parsed_once, warehouse.connection)
    assert error.value.what == "the test not_null_stg_shop__orders_amount cannot be run"
    assert error.value.where == "project/models/staging/stg_shop__orders.yml"
    assert "not built for that: fct_orders" in error.value.found


def test_a_selection_dbt_does_not_understand_is_one_error(parsed_once: dbt.Parsed, warehouse: Warehouse) -> None:
    with pytest.raises(UserError, match="dbt cannot build the project"):
        dbt.build(parsed_once, warehouse.connection, select="nonsense:method")


def test_an_unchanged_project_is_not_parsed_again(parsed_once: dbt.Parsed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dbt.cli.main.dbtRunner.invoke", None)
    assert dbt.prepare(parsed_once.project) == parsed_once == dbt.find(parsed_once.project)


@pytest.mark.parametrize(
    ("file", "text", "where", "found"),
    [
        ("own/kpi_double.sql", "select 1 from {{ ref('no') }}", "{own}/kpi_double.sql", "depends on a node named 'no'"),
        ("own/kpi_double.yml", "models: [", "{own}/kpi_double.yml", "did not find expected node content"),
        ("project/models/marts/core/fct_orders.sql", "{{ (", "project/models/marts/core/fct_orders.sql", "unexpected"),
        ("project/dbt_project.yml", "name: tiny\nprofile: other", "project", "profile named 'other'"),
    ],
)
def test_a_project_dbt_cannot_read_is_one_error_and_leaves_nothing(
    tmp_path: Path, file: str, text: str, where: str, found: str
) -> None:
    write_files(tmp_path / "project", PROJECT)
    write_files(tmp_path / "own", OWN_KPI)
    write_files(tmp_path, {file: text})
    with pytest.raises(UserError) as error:
        dbt.prepare(dbt.Project(tmp_path / "project", tmp_path / "dbt", tmp_path / "w.duckdb", tmp_path / "own"))
    assert error.value.where == where.format(own=tmp_path / "own")
    assert found in error.value.found
    assert list((tmp_path / "dbt" / "parsed").iterdir()) == []


def test_a_directory_that_cannot_be_made_is_one_error(parsed_once: dbt.Parsed, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(UserError, match="dbt's directory cannot be made"):
        dbt.prepare(replace(parsed_once.project, target=tmp_path / "taken" / "dbt"))


def test_dbts_own_severity_never_stops_a_model(parsed_once: dbt.Parsed, tmp_path: Path) -> None:
    project = replace(parsed_once.project, folder=tmp_path / "project", target=tmp_path / "dbt")
    shutil.copytree(parsed_once.project.folder, project.folder)
    path = project.folder / "dbt_project.yml"
    path.write_text(path.read_text().replace("+severity: warn", "+severity: error"))
    project = replace(project, database=tmp_path / "warehouse.duckdb")
    warehouse = open_warehouse(project.database, {})
    warehouse.connection.execute(
        "create table clean.shop__orders as select null as order_id, null as amount, null as quantity"
    )
    try:
        result = dbt.build(dbt.prepare(project), warehouse.connection)
    finally:
        warehouse.close()
    assert [model.status for model in result.models] == ["success"] * 6
    assert sorted(check.severity for check in result.checks if not check.is_passed) == ["error", "warn"]


class _Session:
    """What the op needs of a session: the warehouse, and a place for the result."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.opened, self.recorded = warehouse, list[dbt.BuildResult]()

    def warehouse(self) -> Warehouse:
        return self.opened

    def record_build(self, parsed: dbt.Parsed, result: dbt.BuildResult) -> None:
        self.recorded.append(result)


@pytest.fixture
def session(warehouse: Warehouse) -> _Session:
    return _Session(warehouse)


def _materialize(
    parsed: dbt.Parsed, session: _Session, selection: dg.AssetSelection | None = None
) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [make_dbt_assets(parsed)], resources={"warehouse": session}, selection=selection, raise_on_error=False
    )


def _materialized(result: dg.ExecuteInProcessResult) -> dict[str, dict[str, object]]:
    return {
        "/".join(event.asset_key.path): {name: value.value for name, value in event.materialization.metadata.items()}
        for event in result.get_asset_materialization_events()
        if event.asset_key
    }


def test_assets_are_named_by_schema_and_model(parsed_once: dbt.Parsed) -> None:
    assets = make_dbt_assets(parsed_once)
    specs = {"/".join(spec.key.path): spec for spec in assets.specs}
    assert specs.keys() == {
        "staging/stg_shop__orders",
        "marts/fct_orders",
        "kpis/kpi_catalog",
        "kpis/kpi_double",
        "kpis/kpi_orders",
        "kpis/kpi_values",
    }
    assert assets.op.name == "dbt_build"
    staging, fact = specs["staging/stg_shop__orders"], specs["marts/fct_orders"]
    assert [dep.asset_key.path for dep in staging.deps] == [["clean", "shop", "orders"]]
    assert (fact.group_name, fact.owners, fact.kinds) == ("marts", ["team:Sales-Service"], {"dbt", "duckdb"})
    assert fact.description == "One row per order, as KPIs count it."
    assert {(check.key.to_user_string(), check.blocking) for check in assets.check_specs} == {
        ("staging/stg_shop__orders:not_null_stg_shop__orders_amount", False),
        ("staging/stg_shop__orders:not_null_stg_shop__orders_order_id", False),
        ("staging/stg_shop__orders:unique_stg_shop__orders_order_id", False),
        ("kpis/kpi_values:values_have_orders", False),
    }


def test_a_run_tells_rows_columns_and_real_severities(parsed_once: dbt.Parsed, session: _Session) -> None:
    result = _materialize(parsed_once, session)
    assert result.success
    made = _materialized(result)
    assert {key: metadata.get("dagster/row_count") for key, metadata in made.items()} == {
        "staging/stg_shop__orders": None,
        "marts/fct_orders": 3,
        "kpis/kpi_catalog": 2,
        "kpis/kpi_double": 1,
        "kpis/kpi_orders": 1,
        "kpis/kpi_values": 2,
    }
    schema = made["marts/fct_orders"]["dagster/column_schema"]
    assert isinstance(schema, dg.TableSchema)
    assert [(column.name, column.type, column.description) for column in schema.columns] == [
        ("order_id", "VARCHAR", "The order."),
        ("amount", "DECIMAL(18,4)", ""),
        ("quantity", "INTEGER", ""),
    ]
    checks = {one.check_name: (one.passed, one.severity.value) for one in result.get_asset_check_evaluations()}
    assert [len(build.models) for build in session.recorded] == [6]
    assert checks == {
        "not_null_stg_shop__orders_amount": (False, "ERROR"),
        "not_null_stg_shop__orders_order_id": (False, "WARN"),
        "unique_stg_shop__orders_order_id": (True, "ERROR"),
        "values_have_orders": (True, "ERROR"),
    }


def test_a_selection_builds_just_that(parsed_once: dbt.Parsed, session: _Session) -> None:
    assert _materialize(parsed_once, session).success
    result = _materialize(parsed_once, session, dg.AssetSelection.assets(["marts", "fct_orders"]))
    assert result.success
    assert list(_materialized(result)) == ["marts/fct_orders"]


def test_what_was_built_is_told_before_the_error(parsed_once: dbt.Parsed, session: _Session) -> None:
    _break_the_fact(session.opened)
    result = _materialize(parsed_once, session)
    assert not result.success
    assert _materialized(result).keys() == {"staging/stg_shop__orders", "kpis/kpi_catalog"}
    assert session.recorded == []
    [failure] = result.filter_events(lambda event: event.is_step_failure)
    assert "the model fct_orders cannot be built" in str(failure.step_failure_data.error)


def test_a_test_that_cannot_be_run_is_a_failed_check(parsed_once: dbt.Parsed, session: _Session) -> None:
    session.opened.connection.execute("alter table clean.shop__orders rename order_id to number")
    result = _materialize(parsed_once, session)
    assert not result.success
    checks = {one.check_name: (one.passed, one.severity.value) for one in result.get_asset_check_evaluations()}
    assert checks["not_null_stg_shop__orders_order_id"] == (False, "ERROR")


def test_two_tests_of_one_name_on_one_model_are_refused() -> None:
    test = {"resource_type": "test", "name": "t", "attached_node": "model.p.a", "depends_on": {"nodes": []}}
    with pytest.raises(UserError, match="two data tests of one model share a name"):
        with_checks_attached({"nodes": {"test.p.t.1": dict(test), "test.p.t.2": dict(test)}})
