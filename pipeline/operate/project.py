"""What one invocation works on: settings, contracts, configuration and the dbt project, read once and checked."""

from dataclasses import dataclass
from functools import cached_property

from pipeline.configuration import load_configuration
from pipeline.contracts import Contracts, load_contracts
from pipeline.errors import ConfigurationError, UserError
from pipeline.model import dbt
from pipeline.reconciliation import Reconciliation, load_reconciliation
from pipeline.settings import DBT_PROJECT, EXPECTATIONS, Settings
from pipeline.sources import Configuration, Feed, SourcesFile
from pipeline.yaml_files import read_model


@dataclass(frozen=True)
class Project:
    """Everything a run is told. Nothing in it opens a database."""

    settings: Settings
    contracts: Contracts
    configuration: Configuration
    kpi_ids: tuple[str, ...]
    reconciliation: Reconciliation

    @cached_property
    def dbt(self) -> dbt.Project:
        settings = self.settings
        return dbt.Project(DBT_PROJECT, settings.dbt_dir, settings.warehouse, self.configuration.kpi_folder)

    def feeds_of(self, entity: str) -> list[Feed]:
        """Feeds of an entity; a primary source comes last, so that its rows stand."""
        feeds = [feed for feed in self.configuration.feeds() if feed.entity == entity]
        return sorted(feeds, key=lambda feed: feed.is_primary)

    @property
    def entities(self) -> list[str]:
        """Entities some source feeds, in the order of their contracts."""
        fed = {feed.entity for feed in self.configuration.feeds()}
        return [entity for entity in self.contracts if entity in fed]


def load_project(settings: Settings) -> Project:
    """Read and check all configuration; raises ConfigurationError with every mistake found."""
    contracts = load_contracts(EXPECTATIONS)
    file = read_model(settings.sources, SourcesFile)
    folder = (settings.sources.parent / file.kpis).resolve() if file.kpis else None
    user_folder = folder if folder and folder.is_dir() else None
    ids = tuple(dbt.kpi_ids(DBT_PROJECT, user_folder))
    configuration = load_configuration(settings.sources, contracts, frozenset(ids))
    reconciliation = load_reconciliation(EXPECTATIONS, contracts)
    _refuse_unknown_comparisons(file, reconciliation)
    return Project(settings, contracts, configuration, ids, reconciliation)


def _refuse_unknown_comparisons(file: SourcesFile, reconciliation: Reconciliation) -> None:
    known = [one.id for one in reconciliation.comparisons]
    mistakes = [
        UserError(
            "no such comparison", where=f"sources.yml, reconciliation.{name}", expected=f"one of {', '.join(known)}"
        )
        for name in file.reconciliation
        if name not in known
    ]
    if mistakes:
        raise ConfigurationError(mistakes)
