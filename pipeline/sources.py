"""What a company loads: models of sources.yml and of connectors, and what both mean together.

Here belongs configuration; opening files is extract's work, turning rows into entities clean's.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from pipeline.contracts import Contracts
from pipeline.errors import ConfigurationError, UserError
from pipeline.yaml_files import Frozen, read_model

SHIPPED = Path(__file__).parent / "connectors"
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError("this is not an IANA time zone such as Europe/Berlin") from None
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]


class Read(Frozen):
    """How the bytes of an export are read; what is not said is detected."""

    format: Literal["csv"] = "csv"
    delimiter: str | None = Field(None, min_length=1, max_length=4)
    quote: str | None = Field(None, max_length=1)
    encoding: str | None = Field(None, description="A codec Python knows, for example utf-8, cp1252, gb18030.")
    skip: int = Field(0, ge=0, description="Lines before the header.")
    null: tuple[str, ...] = ("",)
    decimal: Literal[".", ","] = "."
    thousands: str | None = Field(None, max_length=1)
    dates: tuple[str, ...] = Field((), description="strptime formats tried after ISO 8601.")
    timestamps: tuple[str, ...] = Field((), description="strptime formats tried after ISO 8601.")

    @model_validator(mode="after")
    def _separators_differ(self) -> Self:
        if self.thousands == self.decimal:
            raise ValueError("decimal and thousands separator are the same")
        return self


class Mapping(Frozen):
    """How the rows of one export become rows of one entity."""

    where: str | None = None
    columns: dict[str, str] = Field(min_length=1)


class Export(Frozen):
    """One kind of file (or endpoint) a vendor delivers."""

    files: str = Field(min_length=1, description="Glob inside the source's location.")
    read: Read = Read()
    write: Literal["append", "merge", "snapshot"] = "merge"
    schema_mode: Literal["evolve", "freeze", "discard"] = Field("evolve", alias="schema")
    max_shrink: float = Field(
        0.5, ge=0, le=1, description="Largest share of a snapshot's rows that may vanish at once."
    )
    entities: dict[str, Mapping] = Field(min_length=1)


class Connector(Frozen):
    """How a vendor's export becomes entities."""

    exports: dict[Name, Export] = Field(min_length=1)


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
    location: str
    namespace: Name | None = None
    primary: bool = False
    time_zone: TimeZone | None = None
    on_failed_delivery: Literal["keep_last_good", "stop"] = "keep_last_good"
    covers: dict[str, Covers] = {}
    history: Literal["from_start"] | None = None


class SourcesFile(Frozen):
    """sources.yml as written."""

    company: Company
    headline: tuple[str, ...] = Field(min_length=1, max_length=12)
    kpis: str | None = None
    sources: dict[Name, Source] = Field(min_length=1)


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
        return (self.folder / self.file.sources[source].location).resolve()

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


def load_configuration(path: Path, contracts: Contracts, kpi_ids: frozenset[str] = frozenset()) -> Configuration:
    """Read sources.yml and its connectors; raises ConfigurationError with every mistake in all of them.

    `kpi_ids` are the KPIs that exist; empty means headline names are not checked here.
    """
    file = read_model(path, SourcesFile)
    mistakes: list[UserError] = []
    connectors: dict[str, Connector] = {}
    for name, source in file.sources.items():
        try:
            connectors[name] = read_model(_connector_path(path, source.connector), Connector, source.connector)
        except ConfigurationError as error:
            mistakes += [one for one in error.mistakes if str(one) not in {str(known) for known in mistakes}]
    if mistakes:
        raise ConfigurationError(mistakes)
    configuration = Configuration(path=path, file=file, connectors=connectors)
    mistakes += _unknown_names(configuration, contracts) + _rival_sources(configuration)
    mistakes += _unknown_headline(configuration, kpi_ids) + _missing_folders(configuration)
    if mistakes:
        raise ConfigurationError(mistakes)
    return configuration


def _connector_path(sources_file: Path, connector: str) -> Path:
    if connector.endswith((".yml", ".yaml")):
        return sources_file.parent / connector
    return SHIPPED / f"{connector}.yml"


def _unknown_names(configuration: Configuration, contracts: Contracts) -> list[UserError]:
    """Entities and columns a connector or covers names that no contract has."""
    mistakes = []
    for feed in {(one.connector_file, one.export, one.entity): one for one in configuration.feeds()}.values():
        where = f"{feed.connector_file}, exports.{feed.export}.entities.{feed.entity}"
        contract = contracts.get(feed.entity)
        if contract is None:
            known = ", ".join(sorted(contracts))
            mistakes.append(UserError("no such entity", where=where, expected=f"one of {known}"))
            continue
        for column in feed.mapping.columns:
            if column not in contract.columns:
                known = ", ".join(contract.columns)
                mistakes.append(
                    UserError("no such column", where=f"{where}.columns.{column}", expected=f"one of {known}")
                )
        missing = [
            key
            for key in contract.key
            if key not in feed.mapping.columns and not _is_filled(contracts, feed.entity, key)
        ]
        mistakes += [UserError("the key column is not mapped", where=where, expected=key) for key in missing]
    for name, source in configuration.file.sources.items():
        for entity in source.covers:
            if not any(one.source == name and one.entity == entity for one in configuration.feeds()):
                mistakes.append(
                    UserError(
                        "covers an entity it does not feed",
                        where=f"{configuration.path.name}, sources.{name}.covers",
                        found=entity,
                    )
                )
    return mistakes


def _is_filled(contracts: Contracts, entity: str, column: str) -> bool:
    return any(one.column == column and (one.fill or one.derive) for one in contracts[entity].corrections)


def _rival_sources(configuration: Configuration) -> list[UserError]:
    """Two sources that feed one entity in one namespace, none or several of them primary."""
    feeding: dict[tuple[str, str], set[str]] = {}
    for feed in configuration.feeds():
        feeding.setdefault((feed.entity, feed.namespace), set()).add(feed.source)
    mistakes = []
    for (entity, namespace), sources in feeding.items():
        primary = [name for name in sources if configuration.file.sources[name].primary]
        if len(sources) > 1 and len(primary) != 1:
            mistakes.append(
                UserError(
                    f"several sources feed {entity} in the namespace {namespace}",
                    where=f"{configuration.path.name}, sources",
                    found=", ".join(sorted(sources)),
                    expected="one of them with primary: true, or namespaces of their own",
                )
            )
    return mistakes


def _unknown_headline(configuration: Configuration, kpi_ids: frozenset[str]) -> list[UserError]:
    headline = configuration.file.headline
    where = f"{configuration.path.name}, headline"
    twice = sorted({kpi for kpi in headline if headline.count(kpi) > 1})
    unknown = [kpi for kpi in headline if kpi_ids and kpi not in kpi_ids]
    return [
        UserError("no such KPI", where=where, found=kpi, expected=f"one of {', '.join(sorted(kpi_ids))}")
        for kpi in unknown
    ] + [UserError("the KPI stands twice", where=where, found=kpi, action="remove one") for kpi in twice]


def _missing_folders(configuration: Configuration) -> list[UserError]:
    folder = configuration.kpi_folder
    if folder is None or folder.is_dir():
        return []
    return [
        UserError(
            "the folder of KPIs does not exist",
            where=f"{configuration.path.name}, kpis",
            found=str(configuration.file.kpis),
        )
    ]
