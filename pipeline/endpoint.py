"""How an endpoint is asked for an export: pages, windows, what changed since, and who asks.

Here belongs the grammar of `request:` and `http:` in a connector; files are in connector.py, calling is extract's work.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipeline.yaml_files import Frozen, Name

Scalar = str | int | float | bool
JSON_ONLY = ("cursor", "next_link")


class Paginate(Frozen):
    """How an endpoint hands out its pages. A path is dotted; a key that itself holds dots is found too."""

    by: Literal["cursor", "next_link", "link_header", "page", "offset"]
    cursor: str | None = Field(None, description="Path of the next cursor, or of the next link, in the body.")
    last: str | None = Field(None, description="Path within the last record that serves as cursor.")
    more: str | None = Field(None, description="Path of the flag that says whether more pages follow.")
    done: str | None = Field(None, description="Path of the flag that says that this was the last page.")
    parameter: str | None = Field(
        None, description="Parameter (of the query, a form, or a dotted path in a JSON body) that takes the cursor."
    )
    start: int | None = Field(None, ge=0, description="First page number (default 1) or offset (default 0).")
    size_parameter: str | None = None
    size: int | None = Field(None, ge=1, description="Records asked for per page.")
    total: str | None = Field(None, description="Path of the number of records there are in all.")
    max_pages: int = Field(100_000, ge=1)

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        needs = {
            "cursor": (bool((self.cursor or self.last) and self.parameter), "parameter and cursor or last"),
            "next_link": (self.cursor is not None, "cursor"),
            "link_header": (True, ""),
            "page": (self.parameter is not None, "parameter"),
            "offset": (self.parameter is not None, "parameter"),
        }
        is_met, what = needs[self.by]
        if not is_met:
            raise ValueError(f"pagination by {self.by} needs {what}")
        if (self.size is None) != (self.size_parameter is None):
            raise ValueError("say size and size_parameter together")
        return self

    @model_validator(mode="after")
    def _says_nothing_in_vain(self) -> Self:
        counts = self.by in ("page", "offset")
        in_vain = {
            "cursor": self.cursor is not None and self.by not in ("cursor", "next_link"),
            "last": self.last is not None and self.by != "cursor",
            "parameter": self.parameter is not None and self.by in ("next_link", "link_header"),
            "start": self.start is not None and not counts,
        }
        for name, is_said in in_vain.items():
            if is_said:
                raise ValueError(f"pagination by {self.by} has no use for {name}")
        for one, other in (("cursor", "last"), ("more", "done")):
            if getattr(self, one) and getattr(self, other):
                raise ValueError(f"say either {one} or {other}, not both")
        return self

    @property
    def first(self) -> int:
        """The first page number or offset."""
        return self.start if self.start is not None else int(self.by == "page")

    @property
    def reads_body(self) -> bool:
        """Whether the next page can be told from a JSON body alone."""
        return self.by in JSON_ONLY or any((self.more, self.done, self.total))


class Window(Frozen):
    """Date windows: an endpoint is asked for one span of days after the other, each one a delivery."""

    start: str | None = Field(
        None, description="First day, or ${a parameter}; needed unless the source's covers say it."
    )
    days: int = Field(1, ge=1, le=3660, description="Most days of one window.")
    again: int = Field(
        0,
        ge=0,
        le=3660,
        description="Days before the newest one that are asked for again, for late and corrected rows.",
    )
    from_parameter: str
    to_parameter: str
    format: str = Field(
        "%Y-%m-%d",
        min_length=1,
        description="strftime format in the source's zone (in UTC when it ends in Z), or epoch_s or epoch_ms.",
    )
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
    parameters: dict[str, Scalar] = {}
    headers: dict[str, str] = {}
    body: dict[str, object] | None = Field(None, description="JSON body of a POST.")
    form: dict[str, str] | None = Field(None, description="Form body of a POST.")
    paginate: Paginate | None = None
    window: Window | None = None
    since: Cursor | None = None
    download: str | None = Field(None, description="Path in the answer's body of the address of the file to fetch.")
    may_lack_records: bool = Field(
        False, description="The list of records is left out where it is empty, instead of being written as []."
    )
    error: str | None = Field(
        None, description="Path in the body where anything but null, false, 0 or nothing means that the request failed."
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.window and self.since:
            raise ValueError("say either window or since, not both")
        if (self.body is not None or self.form is not None) and self.method != "POST":
            raise ValueError("a body goes with method: POST")
        if self.body is not None and self.form is not None:
            raise ValueError("say either body or form, not both")
        if self.download and (self.paginate or self.since):
            raise ValueError("a download has no pages and no since")
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
    name: str = Field(pattern=r"^[A-Za-z0-9-]+$")
    value: Name
    prefix: str = ""


class QueryAuth(Frozen):
    """A parameter of the query that holds the secret, for endpoints that take nothing else."""

    kind: Literal["query"]
    name: str = Field(min_length=1)
    value: Name


class _OAuth2(Frozen):
    """What both grants have in common."""

    token_url: str
    client_id: Name
    client_auth: Literal["body", "basic"] = Field("body", description="Where the client's id and secret are sent.")
    parameters: dict[str, str] = Field({}, description="Further fields of the token request, such as audience.")


class OAuth2Client(_OAuth2):
    """OAuth 2.0 client credentials grant (RFC 6749, section 4.4)."""

    kind: Literal["oauth2_client"]
    client_secret: Name
    scope: str | None = None


class OAuth2Refresh(_OAuth2):
    """OAuth 2.0 refresh token grant (RFC 6749, section 6)."""

    kind: Literal["oauth2_refresh"]
    refresh_token: Name
    client_secret: Name | None = None


OAuth2 = OAuth2Client | OAuth2Refresh
Auth = Annotated[BearerAuth | BasicAuth | HeaderAuth | QueryAuth | OAuth2, Field(discriminator="kind")]
_SECRETS = ("token", "username", "password", "value", "client_id", "client_secret", "refresh_token")


def credential_names(auth: Auth | None) -> tuple[str, ...]:
    """The credentials an auth needs, by the names sources.yml gives them."""
    said = (getattr(auth, field, None) for field in _SECRETS)
    return tuple(dict.fromkeys(name for name in said if isinstance(name, str)))


class Http(Frozen):
    """What holds for all requests of a connector."""

    url: str | None = Field(None, description="Base address; a source's location takes its place.")
    hosts: tuple[str, ...] = Field(
        (), description="Further hosts (host or host:port) that may be contacted; any other is refused."
    )
    auth: Auth | None = None
    headers: dict[str, str] = {}
    requests_per_second: float = Field(5, gt=0, le=1000)
    timeout_seconds: float = Field(60, gt=0, le=3600, description="Longest silence of the server.")
    attempts: int = Field(5, ge=1, le=50, description="Tries of one request, the first included.")
    longest_wait_seconds: float = Field(
        120, ge=0, le=86_400, description="A Retry-After beyond it ends the run of this source early."
    )

    def address(self, location: str | None) -> str | None:
        """The base address: a source's location where that is one."""
        return location if location and location.startswith(("http://", "https://")) else self.url
