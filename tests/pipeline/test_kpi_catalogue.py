"""The catalogue on a finished run: definitions are locked, identities can fail, pages and dbt's own docs are true."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import duckdb
import pytest

from pipeline.generate.__main__ import versions
from pipeline.generate.definitions import make_lock, mistakes, read_lock
from pipeline.generate.files import KPI_PAGES, LOCK_FILE
from pipeline.generate.kpis import read_kpis
from pipeline.model import dbt
from pipeline.model.dbt import CompiledModel
from pipeline.settings import DBT_PROJECT, REPOSITORY
from pipeline.warehouse import open_warehouse
from tests.pipeline.conftest import Company

IDENTITIES = {(kpi.kpi_id, identity) for kpi in read_kpis(DBT_PROJECT) for identity in kpi.meta.get("identities", [])}
PUBLISHED = ("marts", "kpis")
READ = re.compile(r"\b(?:from|join) ((?:marts|kpis)\.[a-z_]+)")


@pytest.fixture(scope="module")
def parsed(company: Company, tmp_path_factory: pytest.TempPathFactory) -> dbt.Parsed:
    """What the company's run parsed and built, copied: dbt writes beside it."""
    folder = tmp_path_factory.mktemp("catalogue")
    shutil.copytree(company.data / "dbt" / "parsed", folder / "dbt" / "parsed")
    shutil.copy(company.data / "warehouse.duckdb", folder)
    own = company.folder.with_name("kpis")
    found = dbt.find(dbt.Project(DBT_PROJECT, folder / "dbt", folder / "warehouse.duckdb", own))
    assert found is not None, "files of the project have changed since the company's run"
    return found


@pytest.fixture(scope="module")
def compiled(parsed: dbt.Parsed) -> dict[str, CompiledModel]:
    with closing(open_warehouse(parsed.project.database, {})):
        return dbt.compiled_models(parsed)


@pytest.fixture(scope="module")
def warehouse(parsed: dbt.Parsed, compiled: dict[str, CompiledModel]) -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(duckdb.connect(str(parsed.project.database))) as connection:
        yield connection


def test_every_kpi_is_locked_as_it_is_defined(compiled: dict[str, CompiledModel]) -> None:
    now, locked = make_lock(compiled, versions()), read_lock(LOCK_FILE)
    assert [str(mistake) for mistake in mistakes(locked, now)] == []
    assert now.text() == LOCK_FILE.read_text(encoding="utf-8"), "to do: python -m pipeline.generate"


def test_the_sql_that_is_locked_names_no_place(compiled: dict[str, CompiledModel], parsed: dbt.Parsed) -> None:
    texts = [one.sql for one in compiled.values()]
    assert len(texts) > 100
    assert [text for text in texts if '"warehouse"' in text or str(parsed.folder.parent) in text] == []
    assert compiled["kpi_average_order_value"].reads == ("fct_orders", "int_entity_coverage", "int_period_days")


def identity_test(company: Company) -> str:
    """The SQL of the data test, as the company's run asked it."""
    (path,) = (company.data / "dbt" / "target" / "compiled").rglob("assert_identities_hold.sql")
    return path.read_text(encoding="utf-8")


def test_every_identity_holds(company: Company, warehouse: duckdb.DuckDBPyConnection) -> None:
    assert warehouse.execute(identity_test(company)).fetchall() == []


def test_every_identity_is_asked_and_can_fail(company: Company, warehouse: duckdb.DuckDBPyConnection) -> None:
    """All cells are spoilt, those of each KPI by another amount, once on either side of the fraction."""
    found: set[Any] = set()
    for field in ("numerator", "denominator"):
        warehouse.begin()
        warehouse.execute(f"""
            update kpis.kpi_values as cells set {field} = cells.{field} + 1000000 * spoilt.by
            from (select kpi_id, row_number() over (order by kpi_id desc) as by from kpis.kpi_catalog) as spoilt
            where spoilt.kpi_id = cells.kpi_id
        """)
        found |= set(warehouse.execute(f"select distinct kpi_id, said from ({identity_test(company)})").fetchall())
        warehouse.rollback()
    assert len(IDENTITIES) > 50
    assert found == IDENTITIES


def test_one_wrong_cell_is_named(company: Company, warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.begin()
    warehouse.execute("""
        update kpis.kpi_values set numerator = numerator + 0.01
        where kpi_id = 'refund_amount' and grain = 'month' and period = '2026-09' and dimension = 'all'
    """)
    found = warehouse.execute(identity_test(company)).fetchall()
    warehouse.rollback()
    assert {(row[0], *row[2:6]) for row in found} == {
        ("net_revenue", "month", "2026-09", "all", "all"),
        ("refund_rate_amount", "month", "2026-09", "all", "all"),
    }


def test_every_query_of_a_kpis_page_runs_on_the_published_file(company: Company) -> None:
    empty = []
    with closing(duckdb.connect(str(company.published), read_only=True)) as published:
        measured = {one for (one,) in published.execute("select distinct kpi_id from kpis.kpi_values").fetchall()}
        for page in sorted(KPI_PAGES.glob("*.md")):
            queries = re.findall(r"```sql\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
            rows = [len(published.execute(query).fetchall()) for query in queries]
            empty += [page.stem] if not all(rows) and page.stem in measured else []
            assert queries, page.name
    # the size of a market is known by the year, targets of the sample for the whole
    assert empty == ["market_share", "pipeline_coverage"]


def test_dbt_documents_the_project_without_a_warning(
    parsed: dbt.Parsed, compiled: dict[str, CompiledModel], company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is compiled already is not compiled again; what dbt said while it parsed is in the log of the company's run."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    said: list[str] = []
    target = parsed.project.target / "target"
    places = ["--project-dir", str(parsed.sources), "--profiles-dir", str(parsed.sources), "--target-path", str(target)]
    quiet = [
        "--quiet",
        "--no-version-check",
        "--no-send-anonymous-usage-stats",
        "--log-path",
        str(parsed.project.target),
    ]
    monkeypatch.setenv("OPS_SUMMARY_DBT_DATABASE", str(parsed.project.database))
    manifest = Manifest.from_msgpack(parsed.manifest_msgpack.read_bytes())
    with closing(open_warehouse(parsed.project.database, {})):
        hear = [lambda event: said.append(event.info.msg) if event.info.level in ("warn", "error") else None]
        outcome = dbtRunner(manifest, hear).invoke([*quiet, "docs", "generate", "--no-compile", *places])
    assert DuckDBConnectionManager._ENV is None
    parsing = (company.data / "dbt" / "logs" / "dbt.log").read_text(encoding="utf-8").split("Running with dbt")[1]
    assert (outcome.exception, said) == (None, [])
    assert "[warn " not in parsing
    documented = {key.split(".")[2] for key in outcome.result.nodes}
    assert set(compiled) <= documented
    assert (target / "index.html").is_file()


def test_exposures_name_every_table_that_is_read_or_published(company: Company, parsed: dbt.Parsed) -> None:
    manifest = json.loads(parsed.manifest_json.read_text(encoding="utf-8"))
    nodes = manifest["nodes"]
    exposed = {
        exposure["name"]: {
            f"{nodes[one]['schema']}.{nodes[one]['name']}" for one in exposure["depends_on"]["nodes"] if one in nodes
        }
        for exposure in manifest["exposures"].values()
    }
    with closing(duckdb.connect(str(company.published), read_only=True)) as published:
        queries = [query for (query,) in published.execute("select distinct query from report.facts").fetchall()]
        tables = published.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name in ?", [PUBLISHED]
        ).fetchall()
    queries += [
        path.read_text() for path in (REPOSITORY / "pipeline" / "report").rglob("*") if path.suffix in (".sql", ".py")
    ]
    assert {name for query in queries for name in READ.findall(query)} == exposed["operations_summary"]
    assert {name for (name,) in tables} - exposed["published_tables"] == {"kpis.kpi_large_orders"}
