"""Loads what landed into one entity: the one way, for a run and for a replay alike."""

from collections.abc import Sequence
from typing import Any

from pipeline.clean.load import load_feed
from pipeline.clean.outcome import LoadOutcome
from pipeline.contracts import Contract
from pipeline.extract import landed
from pipeline.operate.session import Session
from pipeline.privacy.dropped import without_dropped
from pipeline.sources import Feed
from pipeline.validate import SuiteResult, validate_batch


def load_entity(
    session: Session, contract: Contract, feeds: Sequence[Feed], suites: dict[str, SuiteResult]
) -> list[LoadOutcome]:
    """Load what is new of an entity's feeds, and leave the newest result of its suite in `suites`."""
    return [outcome for feed in feeds for outcome in _load(session, contract, without_dropped(feed, contract), suites)]


def _load(session: Session, contract: Contract, feed: Feed, suites: dict[str, SuiteResult]) -> list[LoadOutcome]:
    warehouse, context = session.warehouse(), session.load_context()
    parameters = {name: list(values) for name, values in context.parameters.items()}

    def validate(table: str, judged: Contract) -> Sequence[Any]:
        results = validate_batch(warehouse.connection, table, judged, parameters)
        suites[judged.entity] = SuiteResult(judged, f"{feed.source}.{feed.export}", session.at, results)
        return results

    deliveries = landed(session.project.settings.landing, feed.source, feed.export)
    return load_feed(warehouse, contract, feed, deliveries, validate, context)
