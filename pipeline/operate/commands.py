"""The small commands that need the warehouse and no run: publish the tables as they stand."""

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.operate.project import load_project
from pipeline.operate.session import Session
from pipeline.operate.summary_assets import refuse_where_models_failed
from pipeline.publish import publish
from pipeline.settings import Settings

_BY_HAND = "by hand"


@contextmanager
def session_by_hand(settings: Settings) -> Iterator[Session]:
    """A session outside any run, closed at the end; raises ConfigurationError where the configuration is wrong."""
    session = Session(load_project(settings), _BY_HAND)
    try:
        yield session
    finally:
        session.close()


def publish_tables(settings: Settings) -> str:
    """Publish what the warehouse holds now."""
    with session_by_hand(settings) as session:
        refuse_where_models_failed(session)
        result = publish(session.warehouse().connection, settings.published)
    word = "replaced" if result.is_new else "unchanged"
    return f"{word}: {result.path} ({result.tables} tables, {result.bytes:,} bytes)"
