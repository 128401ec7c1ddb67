"""`ops-summary check`: configuration, contracts and the first rows of every export, all mistakes at once."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pipeline.clean.cross_system import comparison_mistakes
from pipeline.clean.mapping import expression_mistakes
from pipeline.clean.status import unknown_covers
from pipeline.errors import ConfigurationError, RefusedDelivery, UserError
from pipeline.extract import total_mistakes
from pipeline.extract.bucket import bucket_mistakes
from pipeline.operate.check_export import Seen, look_at
from pipeline.operate.delivering import conversation
from pipeline.operate.project import Project
from pipeline.settings import secret
from pipeline.validate import lint_contract
from pipeline.warehouse import create_fixed_tables, memory_database


def configuration_mistakes(project: Project) -> list[UserError]:
    """What is wrong with contracts and mappings as such; no export is opened."""
    mistakes = _contract_mistakes(project)
    with closing(memory_database()) as connection:
        for feed in project.configuration.feeds():
            mistakes += expression_mistakes(connection, feed)
    return mistakes + _feedless_mistakes(project)


def _contract_mistakes(project: Project) -> list[UserError]:
    with closing(memory_database()) as connection:
        return [
            UserError(message, where=f"expectations/{contract.domain}/{contract.name}.yml")
            for contract in project.contracts.values()
            for message in lint_contract(contract, connection)
        ]


def _feedless_mistakes(project: Project) -> list[UserError]:
    """What is wrong with exports before any entity is made of them, and with what sources are said to cover."""
    mistakes: list[UserError] = []
    with closing(memory_database()) as connection:
        for source, name, export in project.configuration.exports():
            place = f"{project.configuration.file.sources[source].connector}, exports.{name}.totals"
            mistakes += total_mistakes(connection, export.totals, place)
    return mistakes + unknown_covers(project.configuration, project.contracts)


def comparisons_that_do_not_run(project: Project) -> list[UserError]:
    """What is wrong with the SQL of expectations/reconciliation.yml, tried on empty tables."""
    with closing(memory_database()) as connection:
        create_fixed_tables(connection, project.contracts)
        return comparison_mistakes(connection, project.reconciliation, project.contracts)


@dataclass(frozen=True)
class Checked:
    """What check found: the exports it looked at, and all mistakes."""

    seen: tuple[Seen, ...]
    mistakes: tuple[UserError, ...]


def checked(project: Project, source: str | None = None) -> Checked:
    """Everything there is to check, of all sources or of one; raises ConfigurationError where there is no such source.

    Contracts are settled first: rows can be held against none that is wrong.
    """
    known = project.configuration.connectors
    if source is not None and source not in known:
        where = f"{project.configuration.path.name}, sources"
        expected = f"one of {', '.join(known)}"
        raise ConfigurationError([UserError("no such source", where=where, found=source, expected=expected)])
    mistakes = _contract_mistakes(project) + comparisons_that_do_not_run(project)
    if mistakes:
        return Checked((), tuple(mistakes))
    seen = exports_seen(project, source)
    access = [mistake for one in known if source in (None, one) for mistake in _access_mistakes(project, one)]
    found = [*access, *(mistake for one in seen for mistake in one.mistakes)]
    return Checked(seen, tuple(_said_once([*_feedless_mistakes(project), *found])))


def exports_seen(project: Project, source: str | None = None) -> tuple[Seen, ...]:
    """Every export, of all sources or of one, as its first rows show it."""
    with closing(memory_database()) as connection, tempfile.TemporaryDirectory() as scratch:
        return tuple(
            look_at(project, connection, one, name, Path(scratch))
            for one, name, _ in project.configuration.exports()
            if source in (None, one)
        )


def export_mistakes(project: Project) -> list[UserError]:
    """What the first rows of every file tell: unreadable files, columns that do not fit, values that do not cast.

    Endpoints and buckets are not contacted: of them the credentials alone are tried.
    """
    mistakes = [mistake for source in project.configuration.connectors for mistake in _access_mistakes(project, source)]
    seen = (one for one in exports_seen(project) if one.is_contacted)
    return _said_once([*mistakes, *(mistake for one in seen for mistake in one.mistakes)])


def _said_once(mistakes: Sequence[UserError]) -> list[UserError]:
    """A mistake that many files share is told of the first of them."""
    alike: dict[tuple[str, str, str], list[UserError]] = {}
    for one in mistakes:
        alike.setdefault((one.what, one.expected, one.action), []).append(one)
    return [_of_several(same) for same in alike.values()]


def _of_several(same: Sequence[UserError]) -> UserError:
    first, others = same[0], len({one.where for one in same}) - 1
    if not others:
        return first
    where = f"{first.where} (and {others} more like it)"
    return UserError(first.what, where=where, found=first.found, expected=first.expected, action=first.action)


def _access_mistakes(project: Project, source: str) -> Iterator[UserError]:
    """What keeps an endpoint or a bucket from being asked at all."""
    said = project.configuration.file.sources[source]
    if said.is_bucket:
        yield from bucket_mistakes(said, f"{project.configuration.path.name}, sources.{source}", secret)
    with conversation(project, source, lambda _: None) as client:
        if isinstance(client, RefusedDelivery):
            yield client
