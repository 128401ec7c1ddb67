"""JSON Schemas of the files people write, so that an editor completes and checks them."""

from typing import Any

from pydantic import BaseModel

from pipeline.connector import Connector
from pipeline.contracts import KINDS, Contract
from pipeline.reconciliation import Reconciliation
from pipeline.sources import SourcesFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Json = dict[str, Any]


def schemas() -> dict[str, Json]:
    """Every schema, by the name of its file."""
    return {
        "sources": model_schema(SourcesFile, "sources.yml: what a company loads."),
        "connector": model_schema(Connector, "A connector: how a vendor's export becomes entities."),
        "contract": contract_schema(),
        "reconciliation": model_schema(Reconciliation, "expectations/reconciliation.yml: what should agree."),
    }


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
