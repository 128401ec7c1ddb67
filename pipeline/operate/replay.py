"""`ops-summary quarantine replay`: has corrected rules, contracts and connectors judge anew what they kept out.

The landed rows are loaded again in the same way as by a run, so both leave the same clean rows; no source is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from pipeline.clean.report import entity_report
from pipeline.clean.status import write_source_status
from pipeline.errors import ConfigurationError
from pipeline.operate.check import configuration_mistakes
from pipeline.operate.commands import session_by_hand
from pipeline.operate.comparing import compare
from pipeline.operate.loading import load_entity
from pipeline.operate.privacy import keep_people_out
from pipeline.operate.quarantine import Choice
from pipeline.operate.session import Session
from pipeline.settings import Settings
from pipeline.sources import Feed
from pipeline.validate import SuiteResult, write_data_docs

DONE, DONE_WITH_FAILURES = 0, 3


@dataclass(frozen=True)
class Replayed:
    """What a replay has to say, line by line, and its exit code: 3 where a delivery stays refused."""

    lines: Sequence[str]
    exit_code: int


def replay(settings: Settings, choice: Choice) -> Replayed:
    """Load again what is in quarantine or refused, where anything that decided so has changed since.

    Rows move once: what a delivery became is replaced as a whole. A second replay finds nothing changed.
    """
    with session_by_hand(settings) as session:
        choice.check(session.project)
        if mistakes := configuration_mistakes(session.project):
            raise ConfigurationError(mistakes)
        connection = session.warehouse().connection
        _remember(connection, choice)
        feeds = _feeds(session)
        if not feeds:
            return Replayed(["nothing to replay: no row in quarantine and no refused delivery is meant"], DONE)
        changed = _load_again(session, feeds)
        lines = _told(connection)
        if changed:
            lines.append("next: `ops-summary run`, so that KPIs and summary follow")
        return Replayed(lines, _exit_code(session, feeds))


def _remember(connection: duckdb.DuckDBPyConnection, choice: Choice) -> None:
    """The rows that are meant as they stand in quarantine now, and the deliveries refused."""
    condition, parameters = choice.condition()
    connection.execute(
        f"create or replace temp table kept_out as select load_id, source, export, entity, file, row_id from quarantine.rows where {condition}",
        parameters,
    )
    condition, parameters = Choice(choice.entity).condition("l")
    failed, more = choice.condition("c")
    by_rule = f"""and exists (
        select 1 from ops.check_results as c where c.load_id = l.load_id and c.entity = l.entity and not c.is_success and {failed}
    )"""
    connection.execute(
        f"""create or replace temp table turned_down as select load_id, source, export, entity, file, recipe from ops.loads as l
        where status = 'refused' and {condition} {by_rule if choice.rule else ""}""",
        [*parameters, *(more if choice.rule else [])],
    )


def _feeds(session: Session) -> list[Feed]:
    """Feeds with rows or deliveries that are meant, in the order in which they are loaded."""
    meant = set(
        session.warehouse()
        .connection.execute(
            "select source, export, entity from kept_out union select source, export, entity from turned_down"
        )
        .fetchall()
    )
    feeds = [feed for entity in session.project.contracts for feed in session.project.feeds_of(entity)]
    return [feed for feed in feeds if (feed.source, feed.export, feed.entity) in meant]


def _load_again(session: Session, feeds: Sequence[Feed]) -> bool:
    """Load the feeds as a run does; whether that changed anything."""
    project, warehouse = session.project, session.warehouse()
    # What was refused may depend on more than its recipe: on what stood in the clean table, say
    warehouse.connection.execute(
        "update ops.loads set recipe = null where (load_id, source, export, entity) in"
        " (select (load_id, source, export, entity) from turned_down)"
    )
    for source, name in sorted({(feed.source, feed.export) for feed in feeds}):
        keep_people_out(project, warehouse.connection, source, name)
    suites: dict[str, SuiteResult] = {}
    outcomes = [
        outcome for feed in feeds for outcome in load_entity(session, project.contracts[feed.entity], [feed], suites)
    ]
    if suites:
        write_data_docs(list(suites.values()), project.settings.data_docs)
    write_source_status(warehouse, project.configuration, project.contracts)
    compare(session)
    return any(outcome.status == "loaded" for outcome in outcomes)


def _told(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """One line per delivery that was meant, and one for all of them."""
    moved = connection.execute("""
        select k.entity, k.file, count(*) filter (where q.row_id is null), count(q.row_id)
        from kept_out as k left join quarantine.rows as q using (load_id, source, export, entity, row_id)
        where (k.load_id, k.source, k.export, k.entity) not in (select (load_id, source, export, entity) from turned_down)
        group by k.entity, k.file order by k.entity, k.file
    """).fetchall()
    tried = connection.execute("""
        select entity, l.file, l.status, l.reason, l.rows_clean, l.rows_quarantined, starts_with(load_id, 'file:'), t.file is null
        from ops.loads as l left join turned_down as t using (load_id, source, export, entity)
        where t.file is not null or (l.status = 'refused' and (source, export, entity) in (select (source, export, entity) from kept_out))
        order by entity, l.file
    """).fetchall()
    lines = [f"{entity}  {file}  {gone} rows moved, {stay} stay in quarantine" for entity, file, gone, stay in moved]
    lines += [_told_of_refused(*row) for row in tried]
    gone, stay = sum(row[2] for row in moved), sum(row[3] for row in moved)
    loaded = sum(row[2] == "loaded" for row in tried)
    lines.append(
        f"{gone} rows moved out of quarantine, {stay} stay; {loaded} refused deliveries loaded, {len(tried) - loaded} refused"
    )
    return lines


def _told_of_refused(
    entity: str, file: str, status: str, reason: str, clean: int, quarantined: int, is_unread: bool, is_new: bool
) -> str:
    if status == "loaded":
        return f"{entity}  {file}  loaded now: {clean} rows clean, {quarantined} in quarantine"
    if is_unread:
        return f"{entity}  {file}  could not even be landed; the next run tries it again"
    return f"{entity}  {file}  {'is refused now' if is_new else 'stays refused'}: {reason}"


def _exit_code(session: Session, feeds: Sequence[Feed]) -> int:
    """3 where a check of these entities' deliveries fails critically, as after a run."""
    connection, contracts = session.warehouse().connection, session.project.contracts
    reports = [entity_report(connection, contracts[entity]) for entity in sorted({feed.entity for feed in feeds})]
    is_critical = any(one.suite.is_critical or one.deliveries.is_critical for one in reports)
    return DONE_WITH_FAILURES if is_critical else DONE
