"""Loads what a connector reads, the way a run does, and says what became of it: for tests of shipped connectors."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from pipeline.extract import LandingResult
from pipeline.operate.delivering import conversation, deliver
from pipeline.operate.loading import load_entity
from pipeline.operate.privacy import prepare_landing
from pipeline.operate.project import Project, load_project
from pipeline.operate.session import Session
from pipeline.settings import load_settings

FIXTURES = Path(__file__).parent
OUTCOMES = ("clean", "quarantined", "duplicate", "superseded", "not_for_entity", "deleted")
COMPANY = {"name": "Fixture", "time_zone": "UTC", "currency": "USD"}


@dataclass(frozen=True)
class Loaded:
    """One source after its exports were landed and loaded."""

    session: Session
    landed: dict[str, LandingResult]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query in the warehouse."""
        return self.session.warehouse().connection.execute(sql).fetchall()

    def clean(self, entity: str, *expressions: str) -> list[tuple[Any, ...]]:
        """These expressions over the entity's rows that stand, in order."""
        table = entity.replace(".", "__")
        return self.rows(f"select {', '.join(expressions)} from clean.{table} where not _is_deleted order by all")

    def one(self, entity: str, *expressions: str) -> tuple[Any, ...]:
        """The one row of aggregates over the entity's rows that stand."""
        return self.clean(entity, *expressions)[0]

    def outcomes(self, export: str, entity: str) -> dict[str, int]:
        """Rows of all deliveries of an export by what became of them for the entity; outcomes of none are left out."""
        sums = ", ".join(f"sum(rows_{one})::int" for one in OUTCOMES)
        row = self.rows(f"select {sums} from ops.loads where export = '{export}' and entity = '{entity}'")[0]
        return {name: count for name, count in zip(OUTCOMES, row, strict=True) if count}

    def refused(self) -> list[str]:
        """Why deliveries were refused, by landing or by loading."""
        at_landing = [str(one.error) for result in self.landed.values() for one in result.refused]
        return at_landing + [row[0] for row in self.rows("select reason from ops.loads where status = 'refused'")]

    def quarantined(self) -> list[tuple[Any, ...]]:
        """(entity, rule, rows) of what is in quarantine."""
        return self.rows("select entity, rule, count(*)::int from quarantine.rows group by all order by all")


@contextmanager
def loaded(
    folder: Path,
    connector: str,
    location: str | Path | None,
    *,
    as_of: date = date(2026, 1, 31),
    company: dict[str, Any] | None = None,
    exports: Sequence[str] | None = None,
    **source: Any,
) -> Iterator[Loaded]:
    """Land and load a source named `source`, its files in `location`; `source` are further entries of sources.yml."""
    said = {"connector": connector, **({"location": str(location)} if location else {}), **source}
    file = folder / "sources.yml"
    text = {"company": COMPANY | (company or {}), "headline": ["orders"], "sources": {"source": said}}
    file.write_text(yaml.safe_dump(text, allow_unicode=True), encoding="utf-8")
    project = load_project(load_settings(sources=file, data_dir=folder / "data", as_of=as_of))
    session = Session(project, "test")
    try:
        session.begin_refresh()
        yield Loaded(session, _run(project, session, exports))
    finally:
        session.close()


def _run(project: Project, session: Session, exports: Sequence[str] | None) -> dict[str, LandingResult]:
    """Everything landed, then every entity loaded."""
    landed = {}
    with conversation(project, "source", lambda line: None) as client:
        for name in project.configuration.connectors["source"].exports:
            if exports is None or name in exports:
                prepare_landing(project, session.warehouse().connection, "source", name)
                landed[name] = deliver(session, "source", name, client)
    for entity in project.entities:
        feeds = [feed for feed in project.feeds_of(entity) if feed.export in landed]
        load_entity(session, project.contracts[entity], feeds, {})
    return landed
