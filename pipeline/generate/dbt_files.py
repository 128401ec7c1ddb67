"""Files of the dbt project that repeat contracts, the warehouse's DDL, the names of KPIs and what reads the tables."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from pipeline.contracts import SQL_TYPES, Contract
from pipeline.generate import COMMAND

KPI_LIST = re.compile(r"^(?P<key> *kpi_ids:\n)(?P<items>(?: *- \w+\n)*)", re.MULTILINE)
OPS_COMMENT = re.compile(r"comment on table ops\.(\w+) is '(.*)';")
RELATION = re.compile(r"\b(?:kpis|marts|ops)\.([a-z_]+)\b")
SUMMARY = (
    "operations_summary",
    "Operations summary",
    "The summary of a week, month, quarter or year in English and Chinese, made by `ops-summary run` and `ops-summary report`.",
)
PUBLISHED = (
    "published_tables",
    "Published tables",
    "published/ops.duckdb, which BI reads: every mart, every KPI table, and what the pipeline knows of its deliveries.",
)


def dbt_sources(contracts: list[Contract], ddl: str) -> str:
    """dbt's sources: `clean` with one table per contract, asset keys included, and `ops` as the DDL comments it."""
    lines = [f"# Generated from expectations/ and pipeline/warehouse.sql by `{COMMAND}`.", "sources:"]
    lines += _dbt_source("clean", "Valid, typed rows of every entity; an entity nobody delivers is an empty table.")
    for contract in contracts:
        lines += [*_dbt_table(contract.table, contract.row), "        config:", "          meta:"]
        lines += [
            f"            dagster: {{asset_key: [clean, {contract.domain}, {contract.name}]}}",
            "        columns:",
        ]
        lines += [
            f"          - {{name: {name}, data_type: {_quoted(SQL_TYPES[column.type].lower())}, "
            f"description: {_quoted(column.description)}}}"
            for name, column in contract.columns.items()
        ]
    lines += _dbt_source("ops", "What the pipeline knows about the company and its deliveries.")
    for name, comment in OPS_COMMENT.findall(ddl):
        lines += _dbt_table(name, comment.split(". ")[0].rstrip(".") + ".")
    return "\n".join([*lines, ""])


def exposures(models: Path, report: Path, ddl: str) -> str:
    """dbt's exposures: the summary with every table its SQL names, and the published file with all it holds."""
    tables = {path.stem: f"ref('{path.stem}')" for path in sorted((models / "marts").rglob("*.sql"))}
    tables |= {name: f"source('ops', '{name}')" for name, _ in OPS_COMMENT.findall(ddl)}
    texts = [path.read_text(encoding="utf-8") for path in sorted(report.rglob("*")) if path.suffix in (".sql", ".py")]
    named = {name for text in texts for name in RELATION.findall(text)}
    lines = [f"# Generated from the models, pipeline/warehouse.sql and pipeline/report by `{COMMAND}`.", "exposures:"]
    lines += _exposure(*SUMMARY, "application", (call for name, call in tables.items() if name in named))
    lines += _exposure(*PUBLISHED, "dashboard", tables.values())
    return "\n".join([*lines, ""])


def _exposure(name: str, label: str, description: str, kind: str, depends_on: Iterable[str]) -> list[str]:
    lines = [f"  - name: {name}", f"    label: {label}", f"    type: {kind}", "    maturity: high"]
    lines += [f"    description: {_quoted(description)}", "    owner: {name: Operations}", "    depends_on:"]
    return lines + [f"      - {call}" for call in depends_on]


def _dbt_source(name: str, description: str) -> list[str]:
    return [f"  - name: {name}", f"    description: {_quoted(description)}", f"    schema: {name}", "    tables:"]


def _dbt_table(name: str, description: str) -> list[str]:
    return [f"      - name: {name}", f"        description: {_quoted(description)}"]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def with_kpi_ids(project: str, ids: list[str]) -> str:
    """dbt_project.yml with the default of its variable kpi_ids set to the KPIs that exist."""
    found = KPI_LIST.search(project)
    if found is None:
        raise SystemExit(
            "dbt_project.yml: the variable kpi_ids is missing; to do: add it with an empty list below vars"
        )
    items = "".join(f"    - {kpi_id}\n" for kpi_id in ids)
    return project[: found.start("items")] + items + project[found.end("items") :]
