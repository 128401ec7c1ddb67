"""How a vendor's exports become entities: models of a connector, shipped or a user's own.

Here belongs the grammar of pipeline/connectors/<vendor>.yml; how an endpoint is asked is in endpoint.py, what a
company loads with it in sources.py.
"""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pipeline.endpoint import Http, Request
from pipeline.yaml_files import Frozen, Name

SHIPPED = Path(__file__).parent / "connectors"
Format = Literal["csv", "json", "xlsx", "parquet"]


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"this is not a regular expression: {error}") from None
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]


class Read(Frozen):
    """How the bytes of an export are read; what is not said is detected."""

    format: Format | None = Field(None, description="Told by the content where it is not said; json includes NDJSON.")
    delimiter: str | None = Field(None, min_length=1, max_length=4)
    quote: str | None = Field(None, max_length=1)
    encoding: str | None = Field(None, description="A codec Python knows, for example utf-8, cp1252, gb18030.")
    skip: int = Field(0, ge=0, description="Lines (of a sheet: rows) before the header.")
    header: tuple[str, ...] = Field(
        (), description="Names the header holds: what stands before the first line with all of them is a preamble."
    )
    names: tuple[str, ...] = Field((), description="Names of the columns of a file without a header.")
    footer: Pattern | None = Field(
        None, description="The first line after the header in which this is found, and all after it, are no data."
    )
    not_rows: Pattern | None = Field(
        None, description="Lines among the rows in which this is found, totals say, are no data; they are counted."
    )
    rename: dict[str, str] = Field(
        {}, description="Names a column has at times, in another language say, each with the name that is mapped."
    )
    sheet: str | None = Field(None, description="Name of the sheet of a workbook; the first visible one by default.")
    range: str | None = Field(
        None, pattern=r"^[A-Z]{1,3}[0-9]+(:[A-Z]{1,3}([0-9]+)?)?$", description="Cells of a sheet: B3, B3:F or B3:F90."
    )
    header_rows: int = Field(1, ge=1, le=3, description="Rows of a sheet that make the header, joined by a blank.")
    records: str | None = Field(
        None, description="Where the records of a JSON document are, for example data or result.items."
    )
    null: tuple[str, ...] = ("",)
    decimal: Literal[".", ","] = "."
    thousands: str | None = Field(None, max_length=1)
    dates: tuple[str, ...] = Field((), description="strptime formats tried before the usual, unambiguous ones.")
    timestamps: tuple[str, ...] = Field(
        (), description="strptime formats tried before the usual ones; epoch_s, epoch_ms and epoch_us are epochs."
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.thousands == self.decimal:
            raise ValueError("decimal and thousands separator are the same")
        if self.names and (self.header or self.header_rows > 1):
            raise ValueError("names is for files without a header: header and header_rows do not go with it")
        if self.skip and self.header:
            raise ValueError("say either skip or header, not both")
        if again := {name.casefold() for name in self.rename} & {name.casefold() for name in self.rename.values()}:
            raise ValueError(f"rename leads to {min(again)} and away from it")
        return self


class Total(Frozen):
    """A count or sum a file states of itself, and what it is to equal."""

    pattern: Pattern = Field(description="Found in the preamble or footer; its first group is the number.")
    equals: str = Field(min_length=1, description="SQL aggregate over the export's text columns, for example count(*).")
    tolerance: float = Field(0, ge=0)
    on_failure: Literal["refuse", "warn"] = "refuse"

    @model_validator(mode="after")
    def _has_a_group(self) -> Self:
        if re.compile(self.pattern).groups < 1:
            raise ValueError("the pattern needs a group around the number")
        return self


class Mapping(Frozen):
    """How the rows of one export become rows of one entity."""

    where: str | None = None
    deleted: str | None = Field(
        None, description="SQL condition of rows that say that their key is gone: what stands of it is marked deleted."
    )
    each: str | None = Field(
        None, description="SQL of a JSON array: one row per element, which the expressions call each."
    )
    distinct: bool = Field(False, description="Rows alike in all mapped columns are one, and no duplicates.")
    optional: tuple[str, ...] = Field((), description="Columns an export may lack; each is null where it does.")
    columns: dict[str, str] = Field(min_length=1)

    @property
    def expressions(self) -> dict[str, str]:
        """Every SQL expression by where it stands: the columns, where, deleted and each."""
        others = {"where": self.where, "deleted": self.deleted, "each": self.each}
        return dict(self.columns) | {name: sql for name, sql in others.items() if sql is not None}


class Export(Frozen):
    """One kind of file, or one endpoint, a vendor delivers."""

    files: str | None = Field(None, min_length=1, description="Glob inside the source's location.")
    members: str = Field("*", min_length=1, description="Glob of the members of a ZIP archive that are deliveries.")
    done_marker: str | None = Field(
        None, description="A file is taken once this file stands beside it; {file} is its name, {stem} without suffix."
    )
    request: Request | None = None
    read: Read = Read()
    totals: tuple[Total, ...] = ()
    drop: tuple[str, ...] = Field((), description="Columns that are never landed.")
    write: Literal["append", "merge", "snapshot"] = "merge"
    schema_mode: Literal["evolve", "freeze", "discard"] = Field("evolve", alias="schema")
    max_shrink: float = Field(
        0.5, ge=0, le=1, description="Largest share of a snapshot's rows that may vanish at once."
    )
    entities: dict[str, Mapping] = Field(min_length=1)

    @model_validator(mode="after")
    def _files_or_request(self) -> Self:
        if (self.files is None) == (self.request is None):
            raise ValueError("an export has either files or a request")
        return self

    @model_validator(mode="after")
    def _only_what_may_change_is_deleted(self) -> Self:
        if self.write == "append" and any(one.deleted for one in self.entities.values()):
            raise ValueError("an export that only appends deletes nothing: deleted goes with merge and snapshot")
        return self


class Parameter(Frozen):
    """What a source tells a connector; ${name} stands for it, in SQL as a text."""

    description: str = Field(min_length=3)
    default: str | None = None


class Connector(Frozen):
    """How a vendor's exports become entities."""

    parameters: dict[Name, Parameter] = {}
    http: Http | None = None
    exports: dict[Name, Export] = Field(min_length=1)
