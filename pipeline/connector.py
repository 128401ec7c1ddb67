"""How a vendor's exports become entities: models of a connector, shipped or a user's own.

Here belongs the grammar of pipeline/connectors/<vendor>.yml; what a company loads with it is in sources.py.
"""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pipeline.yaml_files import Frozen

SHIPPED = Path(__file__).parent / "connectors"
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
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
    dates: tuple[str, ...] = Field((), description="strptime formats tried after the unambiguous ones.")
    timestamps: tuple[str, ...] = Field(
        (), description="strptime formats tried after the unambiguous ones; epoch_s, epoch_ms and epoch_us are epochs."
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.thousands == self.decimal:
            raise ValueError("decimal and thousands separator are the same")
        if self.names and (self.header or self.header_rows > 1):
            raise ValueError("names is for files without a header: header and header_rows do not go with it")
        if self.skip and self.header:
            raise ValueError("say either skip or header, not both")
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
    each: str | None = Field(
        None, description="SQL of a JSON array: one row per element, which the expressions call each."
    )
    distinct: bool = Field(False, description="Rows alike in all mapped columns are one, and no duplicates.")
    columns: dict[str, str] = Field(min_length=1)

    @property
    def expressions(self) -> dict[str, str]:
        """Every SQL expression by where it stands: the columns, where and each."""
        others = {"where": self.where, "each": self.each}
        return dict(self.columns) | {name: sql for name, sql in others.items() if sql is not None}


class Paginate(Frozen):
    """How an endpoint hands out its pages."""

    by: Literal["cursor", "next_link", "link_header", "page", "offset"]
    cursor: str | None = Field(None, description="Path of the next cursor, or of the next link, in the body.")
    last: str | None = Field(None, description="Path within the last record that serves as cursor.")
    more: str | None = Field(None, description="Path of the flag that says whether more pages follow.")
    parameter: str | None = Field(
        None, description="Parameter (of the query, or of a JSON body) that takes the cursor, page or offset."
    )
    start: int = Field(1, ge=0, description="First page number or offset.")
    size_parameter: str | None = None
    size: int | None = Field(None, ge=1, description="Records asked for per page.")
    total: str | None = Field(None, description="Path of the number of records there are in all.")
    max_pages: int = Field(100_000, ge=1)

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        needs = {
            "cursor": bool((self.cursor or self.last) and self.parameter),
            "next_link": self.cursor is not None,
            "link_header": True,
            "page": self.parameter is not None,
            "offset": self.parameter is not None and self.size is not None,
        }
        if not needs[self.by]:
            raise ValueError(f"pagination by {self.by} needs " + {
                "cursor": "parameter and cursor or last", "next_link": "cursor", "page": "parameter",
                "offset": "parameter and size",
            }[self.by])  # fmt: skip
        return self


class Window(Frozen):
    """Date windows: an endpoint is asked for one span of days after the other, each one a delivery."""

    start: str | None = Field(
        None, description="First day, or ${a parameter}; needed unless the source's covers say it."
    )
    days: int = Field(1, ge=1, description="Days of one window.")
    again: int = Field(
        0, ge=0, description="Days before the newest window asked for again, for late and corrected rows."
    )
    from_parameter: str
    to_parameter: str
    format: str = Field("%Y-%m-%d", description="strftime format, or epoch_s or epoch_ms.")
    to_is: Literal["inclusive", "exclusive"] = "inclusive"


class Cursor(Frozen):
    """What was changed since: the newest value of a field of the records landed is where the next call begins."""

    field: str = Field(description="Path within a record.")
    parameter: str
    start: str | None = Field(
        None, description="Value of the first call; without it the first call asks for everything."
    )
    format: str | None = Field(
        None, description="strptime format of the field where it is a time; epoch_s or epoch_ms."
    )


class Request(Frozen):
    """One endpoint: what is asked, page by page."""

    path: str = Field(description="Joined to the address; a whole address where its host is named.")
    method: Literal["GET", "POST"] = "GET"
    parameters: dict[str, str | int | float | bool] = {}
    headers: dict[str, str] = {}
    body: dict[str, object] | None = Field(None, description="JSON body of a POST.")
    form: dict[str, str] | None = Field(None, description="Form body of a POST.")
    paginate: Paginate | None = None
    window: Window | None = None
    since: Cursor | None = None
    download: str | None = Field(None, description="Path in the answer's body of the address of the file to fetch.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.window and self.since:
            raise ValueError("say either window or since, not both")
        if (self.body or self.form) and self.method != "POST":
            raise ValueError("a body goes with method: POST")
        if self.body and self.form:
            raise ValueError("say either body or form, not both")
        if self.download and self.paginate:
            raise ValueError("a download has no pages")
        return self


class BearerAuth(Frozen):
    """Authorization: Bearer; credentials are names given in sources.yml, never secrets."""

    kind: Literal["bearer"]
    token: Name


class BasicAuth(Frozen):
    """Authorization: Basic; password may be left out where the user name is the whole secret."""

    kind: Literal["basic"]
    username: Name
    password: Name | None = None


class HeaderAuth(Frozen):
    """A header of its own that holds the secret."""

    kind: Literal["header"]
    name: str
    value: Name
    prefix: str = ""


class OAuth2Client(Frozen):
    """OAuth 2.0 client credentials grant (RFC 6749, section 4.4)."""

    kind: Literal["oauth2_client"]
    token_url: str
    client_id: Name
    client_secret: Name
    scope: str | None = None


class OAuth2Refresh(Frozen):
    """OAuth 2.0 refresh token grant (RFC 6749, section 6)."""

    kind: Literal["oauth2_refresh"]
    token_url: str
    refresh_token: Name
    client_id: Name
    client_secret: Name | None = None


Auth = Annotated[BearerAuth | BasicAuth | HeaderAuth | OAuth2Client | OAuth2Refresh, Field(discriminator="kind")]


class Http(Frozen):
    """What holds for all requests of a connector."""

    url: str | None = Field(None, description="Base address; a source's location takes its place.")
    hosts: tuple[str, ...] = Field((), description="Further hosts that may be contacted; any other is refused.")
    auth: Auth | None = None
    headers: dict[str, str] = {}
    requests_per_second: float = Field(5, gt=0)
    timeout_seconds: float = Field(60, gt=0)
    attempts: int = Field(5, ge=1, description="Tries of one request, the first included.")
    longest_wait_seconds: float = Field(
        120, ge=0, description="A Retry-After beyond it ends the run of this source early."
    )


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


class Parameter(Frozen):
    """What a source tells a connector; ${name} stands for it, in SQL as a text."""

    description: str = Field(min_length=3)
    default: str | None = None


class Connector(Frozen):
    """How a vendor's exports become entities."""

    parameters: dict[Name, Parameter] = {}
    http: Http | None = None
    exports: dict[Name, Export] = Field(min_length=1)
