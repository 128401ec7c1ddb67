"""Entity contracts: what an entity is, read from expectations/<domain>/<entity>.yml.

Here belongs the grammar of a contract; what an entity holds is said in its YAML and nowhere else.
"""

import hashlib
import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from pipeline.errors import ConfigurationError, UserError
from pipeline.yaml_files import Frozen, read_model

ColumnType = Literal["text", "integer", "number", "money", "boolean", "date", "timestamp"]
SQL_TYPES: dict[str, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "money": "DECIMAL(18,4)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
# Every clean row says where it comes from; _filled lists columns whose value was filled or derived.
PROVENANCE: dict[str, str] = {
    "_namespace": "VARCHAR",
    "_source": "VARCHAR",
    "_export": "VARCHAR",
    "_load_id": "VARCHAR",
    "_row_id": "VARCHAR",
    "_source_file": "VARCHAR",
    "_source_row": "BIGINT",
    "_filled": "VARCHAR",
    "_is_deleted": "BOOLEAN",
}


class Column(Frozen):
    """One column of an entity."""

    type: ColumnType
    description: str = Field(min_length=3)
    required: bool = False
    personal: Literal["keep", "drop", "pseudonymize", "publish"] | None = Field(
        None,
        description="keep: in the clean table alone; drop: never even landed; pseudonymize: a keyed hash; "
        "publish: shown on purpose, and only masked in examples.",
    )
    business_date_of: str | None = Field(
        None, description="Timestamp column whose business date this is where the export maps no date."
    )


# In the order in which they are applied to a row: with the case settled a wrong spelling is declared once
KINDS = ("case", "replace", "scale", "swap", "clear", "derive", "fill")


class Correction(Frozen):
    """One declared correction of one column; exactly one of case, replace, scale, swap, clear, derive and fill."""

    column: str
    reason: str = Field(min_length=3)
    replace: dict[str, str] | None = Field(None, description="Wrong spelling → right spelling, whole cell.")
    case: Literal["lower", "upper"] | None = None
    scale: float | None = Field(None, gt=0, description="Factor for values in a wrong unit, where `when` holds.")
    swap: str | None = Field(None, description="The other column of a pair that was filled in the wrong way round.")
    when: str | None = Field(None, description="SQL condition over the entity's columns; goes with scale and swap.")
    clear: str | None = Field(None, description="SQL condition under which the value is impossible and becomes a gap.")
    derive: str | None = Field(None, description="SQL over the entity's columns, for missing values only; flagged.")
    fill: str | None = Field(None, description="Value for missing values; flagged.")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self.kinds) != 1:
            raise ValueError(f"a correction says exactly one of {', '.join(KINDS)}")
        if (self.when is None) == (self.kinds[0] in ("scale", "swap")):
            raise ValueError("scale and swap need a condition (when), and nothing else takes one")
        return self

    @property
    def kinds(self) -> list[str]:
        return [kind for kind in KINDS if getattr(self, kind) is not None]

    @property
    def rule(self) -> str:
        return f"{self.kinds[0]}:{self.column}"


class Expectation(Frozen):
    """One rule of a suite: a Great Expectations expectation, who must know and what happens to the rows."""

    expectation: str
    arguments: dict[str, Any]
    severity: Literal["critical", "warning"]
    on_failure: Literal["quarantine", "warn", "block"]
    reason: str = Field(min_length=3)

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "expectation" in data:
            return data
        names = [key for key in data if key not in ("severity", "on_failure", "reason")]
        if len(names) != 1 or not isinstance(data[names[0]], dict):
            raise ValueError("a rule is one expectation with its arguments, beside severity, on_failure and reason")
        rest = {key: value for key, value in data.items() if key != names[0]}
        return {"expectation": names[0], "arguments": data[names[0]], **rest}

    @property
    def column(self) -> str | None:
        value = self.arguments.get("column")
        return str(value) if value is not None else None

    @property
    def rule(self) -> str:
        """Stable name within the contract: two rules that differ only in their arguments differ here too."""
        digest = hashlib.sha256(json.dumps(self.arguments, sort_keys=True, default=str).encode()).hexdigest()[:6]
        return f"{self.expectation}:{self.column or digest}" + (f":{digest}" if self.column else "")


class Contract(Frozen):
    """What one entity is: columns, types, key, personal data, corrections and rules."""

    entity: str = Field(pattern=r"^[a-z]+\.[a-z_]+$")
    row: str = Field(pattern=r"^One row ")
    key: tuple[str, ...] = Field(min_length=1)
    version: str | None = None
    dated_by: tuple[str, ...] = Field((), description="Business dates that decide coverage; the first one dates a row.")
    tracks: dict[str, str] = {}
    max_quarantined: float = Field(0.01, ge=0, le=1)
    columns: dict[str, Column]
    corrections: tuple[Correction, ...] = ()
    expectations: tuple[Expectation, ...] = ()

    @field_validator("dated_by", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        named = {"key": self.key, "version": [self.version], "dated_by": self.dated_by}
        named["corrections"] = [one.column for one in self.corrections]
        named["swap"] = [one.swap for one in self.corrections]
        named["business_date_of"] = [column.business_date_of for column in self.columns.values()]
        named["expectations"] = [one.column for one in self.expectations]
        for place, names in named.items():
            unknown = [name for name in names if name is not None and name not in self.columns]
            if unknown:
                raise ValueError(f"{place} names {unknown[0]}, which is not among the columns")
        self._refuse_corrections_of_other_types()
        self._refuse_personal_columns_that_are_needed()
        rules = [one.rule for one in self.expectations]
        twice = {rule for rule in rules if rules.count(rule) > 1}
        if twice:
            raise ValueError(f"the rule {min(twice)} stands twice")
        return self

    def _refuse_corrections_of_other_types(self) -> None:
        for one in self.corrections:
            type_ = self.columns[one.column].type
            if one.kinds[0] in ("replace", "case") and type_ != "text":
                raise ValueError(f"{one.rule} is for text columns, and {one.column} is none")
            if one.scale is not None and type_ not in ("integer", "number", "money"):
                raise ValueError(f"{one.rule} is for columns of numbers, and {one.column} is none")
            if one.swap is not None and self.columns[one.swap].type != type_:
                raise ValueError(f"{one.rule} is for two columns of one type, and {one.swap} has another")

    def _refuse_personal_columns_that_are_needed(self) -> None:
        """A dropped value is never there, and a hash is text that only a key makes: no row may depend on either."""
        leaned_on = {*self.key, *self.dated_by, self.version}
        for name, column in self.columns.items():
            if column.personal == "drop" and (column.required or name in leaned_on):
                raise ValueError(f"{name} is dropped, so it can be neither required nor key, version or date")
            if column.personal == "pseudonymize" and (column.type != "text" or name in leaned_on):
                raise ValueError(f"{name} is pseudonymized, so it has to be a text, and no key, version or date")
        for kind, sql in self.tracks.items():
            shown = [
                name for name in re.findall(r"\w+", sql) if getattr(self.columns.get(name), "personal", None) == "keep"
            ]
            if shown:
                raise ValueError(
                    f"tracks.{kind} would publish {shown[0]}, which is personal: pseudonymize it, or drop it"
                )

    @property
    def domain(self) -> str:
        return self.entity.split(".")[0]

    @property
    def name(self) -> str:
        return self.entity.split(".")[1]

    @property
    def table(self) -> str:
        """Name of the clean table, without its schema."""
        return f"{self.domain}__{self.name}"

    @cached_property
    def money_columns(self) -> list[str]:
        return [name for name, column in self.columns.items() if column.type == "money"]

    @cached_property
    def personal_columns(self) -> set[str]:
        return {name for name, column in self.columns.items() if column.personal}


Contracts = dict[str, Contract]


def load_contracts(folder: Path) -> Contracts:
    """Every contract below the folder by its entity; raises ConfigurationError with all mistakes of all files."""
    contracts: Contracts = {}
    mistakes: list[UserError] = []
    for path in sorted(folder.glob("*/*.yml")):
        try:
            contract = read_model(path, Contract, f"{path.parent.name}/{path.name}")
        except ConfigurationError as error:
            mistakes += error.mistakes
            continue
        if contract.entity != f"{path.parent.name}.{path.stem}":
            place = f"{path.parent.name}/{path.name}"
            mistakes.append(UserError("the entity is not named as its file", where=place, found=contract.entity))
        contracts[contract.entity] = contract
    if mistakes:
        raise ConfigurationError(mistakes)
    return contracts


def clean_columns(contract: Contract) -> dict[str, str]:
    """Columns of the entity's clean table with their SQL types, provenance last."""
    return {name: SQL_TYPES[column.type] for name, column in contract.columns.items()} | PROVENANCE


def clean_table_ddl(contract: Contract) -> str:
    """CREATE TABLE of the entity's clean table."""
    body = ", ".join(f'"{name}" {sql_type}' for name, sql_type in clean_columns(contract).items())
    return f'create table if not exists clean."{contract.table}" ({body})'
