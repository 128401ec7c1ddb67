"""Writes every file that repeats what another file says: `python -m pipeline.generate [--check]`.

Here belongs what is derived from contracts, configuration models and KPI files; nothing is decided here.
"""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from pipeline.connector import Connector
from pipeline.contracts import KINDS, SQL_TYPES, Contract, Correction, load_contracts
from pipeline.form import Form
from pipeline.model.kpi_files import KPI_FOLDER, kpi_ids
from pipeline.reconciliation import Reconciliation
from pipeline.settings import DBT_PROJECT, EXPECTATIONS, REPOSITORY
from pipeline.sources import SourcesFile
from pipeline.warehouse import SCHEMA_SQL

COMMAND = "python -m pipeline.generate"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
KPI_LIST = re.compile(r"^(?P<key> *kpi_ids:\n)(?P<items>(?: *- \w+\n)*)", re.MULTILINE)
OPS_COMMENT = re.compile(r"comment on table ops\.(\w+) is '(.*)';")
Json = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Write the files, or with --check name the stale ones; returns the exit code."""
    if arguments not in ([], ["--check"]):
        print(f"usage: {COMMAND} [--check]", file=sys.stderr)
        return 2
    texts, forms = generated_files(), generated_forms()
    stale = [path for path, text in texts.items() if not _stands(path, text)]
    stale += [path for path, form in forms.items() if not form.stands(path)]
    for path in stale:
        name = path.relative_to(REPOSITORY)
        if arguments == ["--check"]:
            print(f"{name}: is stale; to do: {COMMAND}", file=sys.stderr)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if path in forms:
            forms[path].write(path)
        else:
            path.write_text(texts[path], encoding="utf-8")
        print(f"wrote {name}")
    return 1 if stale and arguments else 0


def generated_files() -> dict[Path, str]:
    """Path and text of every generated file, as they should be now."""
    contracts = list(load_contracts(EXPECTATIONS).values())
    kpis = [read_kpi(DBT_PROJECT / KPI_FOLDER / f"kpi_{kpi_id}.yml") for kpi_id in kpi_ids(DBT_PROJECT, None)]
    project = DBT_PROJECT / "dbt_project.yml"
    schemas: dict[str, Callable[[], Json]] = {
        "sources": lambda: model_schema(SourcesFile, "sources.yml: what a company loads."),
        "connector": lambda: model_schema(Connector, "A connector: how a vendor's export becomes entities."),
        "contract": contract_schema,
        "reconciliation": lambda: model_schema(Reconciliation, "expectations/reconciliation.yml: what should agree."),
    }
    files = {
        REPOSITORY / "schemas" / f"{name}.schema.json": json.dumps(make(), indent=2, ensure_ascii=False) + "\n"
        for name, make in schemas.items()
    }
    return files | {
        DBT_PROJECT / "models" / "staging" / "_sources.yml": dbt_sources(
            contracts, SCHEMA_SQL.read_text(encoding="utf-8")
        ),
        project: with_kpi_ids(project.read_text(encoding="utf-8"), [kpi["kpi_id"] for kpi in kpis]),
        REPOSITORY / "docs" / "kpis.md": kpi_page(kpis),
        REPOSITORY / "docs" / "entities.md": entity_page(contracts),
    }


def generated_forms() -> dict[Path, Form]:
    """Path and form of every workbook people fill in: examples/<name>.form.yml makes <name>.xlsx."""
    contracts, parameters = load_contracts(EXPECTATIONS), {"kpi_ids": kpi_ids(DBT_PROJECT, None)}
    files = sorted((REPOSITORY / "examples").glob("*.form.yml"))
    return {
        file.with_name(file.name.replace(".form.yml", ".xlsx")): Form(file, contracts, parameters) for file in files
    }


def _stands(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def model_schema(model: type[BaseModel], title: str) -> Json:
    """JSON Schema of a configuration file as people write it."""
    return {"$schema": DIALECT} | _closed(model.model_json_schema(by_alias=True)) | {"title": title}


def _closed(schema: Any) -> Any:
    """The schema with names that fit no pattern refused, as the model refuses them."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if "patternProperties" in schema else {}
    return {name: _closed(one) for name, one in schema.items()} | closed


def contract_schema() -> Json:
    """JSON Schema of a contract. Its rules are described as written: one key that is the expectation's name."""
    schema = model_schema(Contract, "A contract: what one entity is.")
    rule = schema["$defs"]["Expectation"]
    said = {name: rule["properties"][name] for name in ("severity", "on_failure", "reason")}
    schema["$defs"]["Expectation"] = {
        "title": "Rule",
        "description": rule["description"],
        "type": "object",
        "properties": said,
        "patternProperties": {
            "^(expect_[a-z_]+|unexpected_rows_expectation)$": {
                "type": "object",
                "description": "The expectation's arguments, as Great Expectations names them.",
            }
        },
        "required": list(said),
        "minProperties": len(said) + 1,
        "maxProperties": len(said) + 1,
        "additionalProperties": False,
    }
    dated_by = schema["properties"]["dated_by"]
    schema["properties"]["dated_by"] = {
        "description": dated_by["description"],
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
    }
    schema["$defs"]["Correction"]["oneOf"] = [{"required": [kind]} for kind in KINDS]
    return schema


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


def read_kpi(path: Path) -> Json:
    """A KPI's meta, as its yml tells it."""
    (model,) = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    meta: Json = model["config"]["meta"]
    return meta


def kpi_page(kpis: list[Json]) -> str:
    """docs/kpis.md: one row per KPI."""
    rows = [
        [
            f"`{kpi['kpi_id']}`", f"{kpi['name_en']} · {kpi['name_zh']}", kpi["formula_en"], kpi["kind"], kpi["unit"],
            kpi["direction"], _list(kpi["grains"]), _list(kpi["dimensions"]), kpi["owner"],
        ]
        for kpi in kpis
    ]  # fmt: skip
    head = ["KPI", "name", "formula", "kind", "unit", "good is", "grains", "dimensions", "owner"]
    return "\n".join(
        [
            "# KPIs",
            "",
            f"Generated from `dbt_project/models/marts/kpis/kpi_*.yml` by `{COMMAND}`.",
            "Ratios are fractions; an empty denominator gives null. `kpis.kpi_catalog` holds the same for BI.",
            "",
            *_table(head, rows),
            "",
        ]
    )


def entity_page(contracts: list[Contract]) -> str:
    """docs/entities.md: columns, corrections and rules of every entity."""
    head = ["# Entities", "", f"Generated from `expectations/` by `{COMMAND}`.", ""]
    return "\n".join([*head, *(line for contract in contracts for line in _entity(contract))])


def _entity(contract: Contract) -> list[str]:
    facts = {
        "Key": _list(contract.key),
        "Newest version by": contract.version,
        "Dated by": ", ".join(contract.dated_by) or None,
    }
    columns = [
        [f"`{name}`", column.type, "yes" if column.required else "", column.personal or "", column.description]
        for name, column in contract.columns.items()
    ]
    lines = [f"## {contract.entity}", "", contract.row, ""]
    lines += [" · ".join(f"{label}: {value}" for label, value in facts.items() if value), ""]
    lines += [*_table(["column", "type", "required", "personal", "meaning"], columns), ""]
    if contract.corrections:
        changes = [[f"`{one.column}`", _change(one), one.reason] for one in contract.corrections]
        lines += [*_table(["corrected", "how", "why"], changes), ""]
    if contract.expectations:
        rules = [
            [f"`{one.expectation}`", _arguments(one.arguments), one.severity, one.on_failure, one.reason]
            for one in contract.expectations
        ]
        lines += [*_table(["rule", "arguments", "severity", "rows that fail", "why"], rules), ""]
    return lines


def _change(one: Correction) -> str:
    if one.replace is not None:
        return ", ".join(f"{wrong} → {right}" for wrong, right in one.replace.items())
    kind = one.kinds[0]
    return f"{kind}: {getattr(one, kind)}" + (f" when {one.when}" if one.when else "")


def _arguments(arguments: Json) -> str:
    return ", ".join(f"{name}: {_list(value)}" for name, value in arguments.items())


def _list(value: Any) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value)


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    """A Markdown table; a pipe inside a cell is escaped."""
    lines = [head, ["---"] * len(head), *([str(cell).replace("|", "\\|") for cell in row] for row in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
