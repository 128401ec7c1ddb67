"""`ops-summary check`: configuration, contracts and the first rows of every export, all mistakes at once."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import duckdb

from pipeline.clean.candidate import mapped_sql, typed_sql
from pipeline.clean.cross_system import comparison_mistakes
from pipeline.clean.mapping import check_columns, expression_mistakes, landed_sql, with_quoted_names, worked_out
from pipeline.clean.status import unknown_covers
from pipeline.contracts import Contract
from pipeline.errors import RefusedDelivery, UserError
from pipeline.extract import Delivery, discover, land_found, total_mistakes
from pipeline.extract.bucket import bucket_mistakes
from pipeline.operate.delivering import conversation
from pipeline.operate.privacy import dropped
from pipeline.operate.project import Project
from pipeline.privacy.dropped import without_dropped
from pipeline.settings import now, secret
from pipeline.sources import Feed
from pipeline.validate import lint_contract
from pipeline.warehouse import create_fixed_tables, memory_database


def configuration_mistakes(project: Project) -> list[UserError]:
    """What is wrong with contracts and mappings as such; no export is opened."""
    with closing(memory_database()) as connection:
        mistakes = [
            UserError(message, where=f"expectations/{contract.domain}/{contract.name}.yml")
            for contract in project.contracts.values()
            for message in lint_contract(contract, connection)
        ]
        for feed in project.configuration.feeds():
            mistakes += expression_mistakes(connection, feed)
        for source, name, export in project.configuration.exports():
            place = f"{project.configuration.file.sources[source].connector}, exports.{name}.totals"
            mistakes += total_mistakes(connection, export.totals, place)
    return mistakes + unknown_covers(project.configuration, project.contracts)


def comparisons_that_do_not_run(project: Project) -> list[UserError]:
    """What is wrong with the SQL of expectations/reconciliation.yml, tried on empty tables."""
    with closing(memory_database()) as connection:
        create_fixed_tables(connection, project.contracts)
        return comparison_mistakes(connection, project.reconciliation, project.contracts)


def export_mistakes(project: Project) -> list[UserError]:
    """What the first rows of every file tell: unreadable files, columns that do not fit, values that do not cast.

    Endpoints and buckets are not contacted: of them the credentials alone are tried.
    """
    mistakes = [mistake for source in project.configuration.connectors for mistake in _access_mistakes(project, source)]
    with closing(memory_database()) as connection, tempfile.TemporaryDirectory() as scratch:
        for source, name, export in project.configuration.exports():
            if export.request is None and not project.configuration.file.sources[source].is_bucket:
                mistakes += _file_mistakes(project, connection, source, name, Path(scratch))
    return mistakes


def _access_mistakes(project: Project, source: str) -> Iterator[UserError]:
    """What keeps an endpoint or a bucket from being asked at all."""
    said = project.configuration.file.sources[source]
    if said.is_bucket:
        yield from bucket_mistakes(said, f"{project.configuration.path.name}, sources.{source}", secret)
    with conversation(project, source, lambda _: None) as client:
        if isinstance(client, RefusedDelivery):
            yield client


def _file_mistakes(
    project: Project, connection: duckdb.DuckDBPyConnection, source: str, name: str, scratch: Path
) -> Iterator[UserError]:
    configuration = project.configuration
    export = configuration.connectors[source].exports[name]
    try:
        found = discover(configuration.location(source), str(export.files), export.done_marker)
    except RefusedDelivery as error:
        yield error
        return
    heads = [replace(one, is_head=True) for one in found]
    gone = dropped(project, connection, export).columns
    result = land_found(connection, source, name, export, heads, scratch, landed_at=now(), dropped=gone)
    yield from (refusal.error for refusal in result.refused)
    for feed in (one for one in configuration.feeds() if (one.source, one.export) == (source, name)):
        contract = project.contracts[feed.entity]
        for delivery in result.deliveries:
            yield from _feed_mistakes(connection, contract, without_dropped(feed, contract), delivery)


def _feed_mistakes(
    connection: duckdb.DuckDBPyConnection, contract: Contract, feed: Feed, delivery: Delivery
) -> Iterator[UserError]:
    feed = with_quoted_names(feed, delivery.columns)
    rows = landed_sql([delivery.folder / "rows.parquet"], delivery.columns, feed)
    try:
        check_columns(connection, rows, delivery.columns, feed, delivery.file)
    except RefusedDelivery as error:
        yield error
        return
    typed = typed_sql(mapped_sql(rows, feed), contract, feed, "")
    counted = f"""select _rule, count(*), min(_source_row), (select count(*) from ({typed}) where _belongs)
        from ({typed}) where _rule is not null group by 1 order by 1"""
    found = worked_out(connection, lambda: connection.execute(counted).fetchall())
    for rule, bad, first, total in found:
        if bad > contract.max_quarantined * total:
            yield UserError(
                f"{feed.entity}: {rule} fails",
                where=f"{delivery.file}, row {first}",
                found=f"{bad} of the first {total} rows",
                expected=f"at most {contract.max_quarantined:.0%}",
                action=f"correct the mapping in {feed.connector_file} or its read options",
            )
