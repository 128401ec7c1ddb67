"""What a company loads: models of sources.yml, and what it and the connectors mean together.

Here belongs configuration; opening files is extract's work, turning rows into entities clean's.
"""

import re
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from pipeline.connector import Connector, Export, Mapping, Read
from pipeline.reconciliation import Tolerance
from pipeline.yaml_files import Frozen, Name


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError("this is not an IANA time zone such as Europe/Berlin") from None
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]

_BUCKET = re.compile(r"s3://[A-Za-z0-9][A-Za-z0-9._-]{1,254}(/.*)?")
BUCKET_KEYS = ("access_key", "secret_key", "session_token")


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine, the only one that may be spoken to in the clear."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _bucket_service(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.path.strip("/"):
        raise ValueError("this is not the address of a service, such as https://s3.example.com")
    if parts.username or parts.query:
        raise ValueError("an endpoint is an address alone; credentials: names the variables that hold secrets")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("an endpoint needs https; http is for this machine alone")
    return endpoint


class Company(Frozen):
    """Whose operations are summarised, and how it reckons."""

    name: str = Field(min_length=1)
    time_zone: TimeZone
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    fiscal_year_start: int = Field(1, ge=1, le=12)
    settling_days: int = Field(3, ge=0, description="Days after a period's end before its first edition.")


class Covers(Frozen):
    """The business days a source covers for an entity, where the rows alone do not tell."""

    from_: date | None = Field(None, alias="from")
    to: date | None = None


class Source(Frozen):
    """One place the company loads from."""

    connector: str
    location: str | None = Field(None, description="A folder, a bucket (s3://…) or an address (https://…).")
    endpoint: Annotated[str, AfterValidator(_bucket_service)] | None = Field(
        None, description="Address of an S3-compatible service that keeps the bucket; Amazon's own by default."
    )
    region: str | None = Field(None, min_length=1, description="Region of the bucket.")
    addressing: Literal["path", "virtual"] | None = Field(
        None, description="virtual: the bucket's name is part of the host; with an endpoint path is the default."
    )
    parameters: dict[Name, str] = Field({}, description="Values of the connector's parameters.")
    credentials: dict[Name, str] = Field(
        {}, description="Environment variable that holds each credential the connector's auth names."
    )
    namespace: Name | None = None
    primary: bool = False
    time_zone: TimeZone | None = None
    on_failed_delivery: Literal["keep_last_good", "stop"] = "keep_last_good"
    covers: dict[str, Covers] = {}
    history: Literal["from_start"] | None = None

    @model_validator(mode="after")
    def _bucket_is_said_whole(self) -> Self:
        if not self.is_bucket:
            if self.endpoint or self.region or self.addressing:
                raise ValueError("endpoint, region and addressing go with a bucket: location: s3://bucket/prefix")
            return self
        if not _BUCKET.fullmatch(str(self.location)):
            raise ValueError("a bucket is written s3://bucket or s3://bucket/prefix")
        if unknown := sorted(set(self.credentials) - set(BUCKET_KEYS)):
            raise ValueError(f"a bucket's credentials are {', '.join(BUCKET_KEYS)}, not {', '.join(unknown)}")
        if self.credentials and not {"access_key", "secret_key"} <= set(self.credentials):
            raise ValueError("a bucket's credentials need both access_key and secret_key")
        return self

    @property
    def is_bucket(self) -> bool:
        """Whether its exports lie in an S3-compatible bucket rather than in a folder of this machine."""
        return (self.location or "").startswith("s3://")


class SourcesFile(Frozen):
    """sources.yml as written."""

    company: Company
    headline: tuple[str, ...] = Field(min_length=1, max_length=12)
    kpis: str | None = None
    reconciliation: dict[Name, Tolerance | Literal["off", False]] = Field(
        {}, description="The company's own tolerance of a comparison in expectations/reconciliation.yml, or off."
    )
    sources: dict[Name, Source] = Field(min_length=1)

    @property
    def tolerances(self) -> dict[str, Tolerance | None]:
        """By comparison the company's own tolerance; None: it is not made. (YAML reads a bare off as false.)"""
        return {name: one if isinstance(one, Tolerance) else None for name, one in self.reconciliation.items()}


class Feed(Frozen):
    """One export of one source feeding one entity: what the stages work on."""

    source: str
    export: str
    entity: str
    namespace: str
    zone: str
    company_zone: str
    read: Read
    write: Literal["append", "merge", "snapshot"]
    schema_mode: Literal["evolve", "freeze", "discard"]
    max_shrink: float
    mapping: Mapping
    connector_file: str
    stops_on_failure: bool
    is_primary: bool

    @property
    def label(self) -> str:
        return f"{self.source}.{self.export} → {self.entity}"


class Configuration(Frozen):
    """sources.yml with its connectors read and checked: everything the pipeline is told."""

    path: Path
    file: SourcesFile
    connectors: dict[str, Connector]

    @property
    def company(self) -> Company:
        return self.file.company

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def kpi_folder(self) -> Path | None:
        return (self.folder / self.file.kpis).resolve() if self.file.kpis else None

    def location(self, source: str) -> Path:
        """The folder of a source that delivers files on this machine."""
        return (self.folder / (self.file.sources[source].location or ".")).resolve()

    def exports(self) -> list[tuple[str, str, Export]]:
        """(source, export name, export) of everything that is loaded."""
        return [
            (source, name, export)
            for source, connector in self.connectors.items()
            for name, export in connector.exports.items()
        ]

    def feeds(self) -> list[Feed]:
        """Every (source, export, entity), in the order of the files."""
        return [
            self._feed(source, name, export, entity, mapping)
            for source, name, export in self.exports()
            for entity, mapping in export.entities.items()
        ]

    def _feed(self, source: str, name: str, export: Export, entity: str, mapping: Mapping) -> Feed:
        said = self.file.sources[source]
        return Feed(
            source=source,
            export=name,
            entity=entity,
            namespace=said.namespace or source,
            zone=said.time_zone or self.company.time_zone,
            company_zone=self.company.time_zone,
            read=export.read,
            write=export.write,
            schema_mode=export.schema_mode,
            max_shrink=export.max_shrink,
            mapping=mapping,
            connector_file=said.connector,
            stops_on_failure=said.on_failed_delivery == "stop",
            is_primary=said.primary,
        )
