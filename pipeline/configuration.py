"""Reads sources.yml and its connectors and finds whatever does not fit together, all of it at once.

Here belong mistakes between files; what one file may say is in sources.py.
"""

from collections.abc import Iterator
from pathlib import Path

from pipeline.connector import SHIPPED, Connector
from pipeline.contracts import Contracts
from pipeline.endpoint_mistakes import endpoint_mistakes
from pipeline.errors import ConfigurationError, UserError
from pipeline.parameters import parameter_mistakes, with_parameters
from pipeline.sources import Configuration, Source, SourcesFile
from pipeline.yaml_files import read_model


def load_configuration(path: Path, contracts: Contracts, kpi_ids: frozenset[str] = frozenset()) -> Configuration:
    """Read sources.yml and its connectors; raises ConfigurationError with every mistake in all of them.

    `kpi_ids` are the KPIs that exist; empty means headline names are not checked here.
    """
    file = read_model(path, SourcesFile)
    mistakes: list[UserError] = []
    connectors: dict[str, Connector] = {}
    for name, source in file.sources.items():
        try:
            connector = read_model(_connector_path(path, source.connector), Connector, source.connector)
            wrong = list(_source_mistakes(path, name, source, connector))
            mistakes += wrong
            if not wrong:
                connectors[name] = with_parameters(connector, source.parameters)
                wrong = list(endpoint_mistakes(source, connectors[name], f"{path.name}, sources.{name}"))
                # What is wrong in a connector is said once, however many sources use it
                mistakes += [one for one in wrong if str(one) not in {str(known) for known in mistakes}]
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


def _source_mistakes(path: Path, name: str, source: Source, connector: Connector) -> Iterator[UserError]:
    """What a source says that its connector cannot use, or does not say that it needs."""
    where = f"{path.name}, sources.{name}"
    yield from parameter_mistakes(connector, source.parameters, where, source.connector)
    if source.location is None and any(export.files for export in connector.exports.values()):
        yield UserError("a source of files needs a location", where=where, expected="location: a folder or a bucket")


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
