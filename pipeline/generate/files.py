"""Which files are generated, and whether they stand as they should."""

import json
from collections.abc import Mapping
from pathlib import Path

from pipeline.contracts import load_contracts
from pipeline.form import Form
from pipeline.generate.dbt_files import dbt_sources, exposures, with_kpi_ids
from pipeline.generate.definitions import LOCK, Lock
from pipeline.generate.entity_page import entity_page
from pipeline.generate.kpi_pages import feeds, index_page, kpi_page
from pipeline.generate.kpis import read_kpis
from pipeline.generate.schemas import schemas
from pipeline.model.kpi_files import kpi_ids
from pipeline.settings import DBT_PROJECT, EXPECTATIONS, REPOSITORY
from pipeline.warehouse import SCHEMA_SQL

DOCS = REPOSITORY / "docs"
KPI_PAGES = DOCS / "kpis"
LOCK_FILE = DBT_PROJECT / LOCK
CONNECTORS = REPOSITORY / "pipeline" / "connectors"


def project_files() -> dict[Path, str]:
    """Path and text of every file that dbt reads or that needs nothing from it."""
    contracts = list(load_contracts(EXPECTATIONS).values())
    ddl, project, models = (
        SCHEMA_SQL.read_text(encoding="utf-8"),
        DBT_PROJECT / "dbt_project.yml",
        DBT_PROJECT / "models",
    )
    files = {
        REPOSITORY / "schemas" / f"{name}.schema.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in schemas().items()
    }
    return files | {
        models / "staging" / "_sources.yml": dbt_sources(contracts, ddl),
        models / "_exposures.yml": exposures(models, REPOSITORY / "pipeline" / "report", ddl),
        project: with_kpi_ids(project.read_text(encoding="utf-8"), kpi_ids(DBT_PROJECT, None)),
        DOCS / "entities.md": entity_page(contracts),
    }


def kpi_pages(lock: Lock) -> dict[Path, str]:
    """Path and text of every page about KPIs; what feeds them is in the lock."""
    kpis, feeds_of = read_kpis(DBT_PROJECT), feeds(CONNECTORS)
    pages = {KPI_PAGES / f"{kpi.kpi_id}.md": kpi_page(kpi, lock, feeds_of) for kpi in kpis}
    return {DOCS / "kpis.md": index_page(kpis)} | pages


def forms() -> dict[Path, Form]:
    """Path and form of every workbook people fill in: examples/<name>.form.yml makes <name>.xlsx."""
    contracts, parameters = load_contracts(EXPECTATIONS), {"kpi_ids": kpi_ids(DBT_PROJECT, None)}
    files = sorted((REPOSITORY / "examples").glob("*.form.yml"))
    return {
        file.with_name(file.name.replace(".form.yml", ".xlsx")): Form(file, contracts, parameters) for file in files
    }


def stale(texts: Mapping[Path, str], workbooks: Mapping[Path, Form]) -> list[Path]:
    """Files that are missing or say something else."""
    found = [path for path, text in texts.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    return found + [path for path, form in workbooks.items() if not form.stands(path)]


def surplus(texts: Mapping[Path, str]) -> list[Path]:
    """Pages of KPIs that are no more."""
    return sorted(set(KPI_PAGES.glob("*.md")) - set(texts))
