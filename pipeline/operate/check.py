"""`ops-summary check`: configuration, contracts and the first rows of every export, all mistakes at once."""

import gzip
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb

from pipeline.clean.candidate import mapped_sql, typed_sql
from pipeline.clean.mapping import check_columns, expression_mistakes, landed_sql, with_quoted_names
from pipeline.clean.status import unknown_covers
from pipeline.contracts import Contract
from pipeline.errors import RefusedDelivery, UserError
from pipeline.extract import Delivery, land
from pipeline.operate.project import Project
from pipeline.settings import now
from pipeline.sources import Feed
from pipeline.validate import lint_contract
from pipeline.warehouse import memory_database

HEAD_BYTES = 256 * 1024


def configuration_mistakes(project: Project) -> list[UserError]:
    """What is wrong with contracts and mappings as such; no export is opened."""
    mistakes = [
        UserError(message, where=f"expectations/{contract.domain}/{contract.name}.yml")
        for contract in project.contracts.values()
        for message in lint_contract(contract)
    ]
    with closing(memory_database()) as connection:
        for feed in project.configuration.feeds():
            mistakes += expression_mistakes(connection, feed)
    return mistakes + unknown_covers(project.configuration, project.contracts)


def export_mistakes(project: Project) -> list[UserError]:
    """What the first rows of every export tell: unreadable files, columns that do not fit, values that do not cast."""
    mistakes: list[UserError] = []
    with closing(memory_database()) as connection, tempfile.TemporaryDirectory() as scratch:
        for source, name, export in project.configuration.exports():
            place = Path(scratch) / source / name
            heads = _heads(project.configuration.location(source), str(export.files), place / "files")
            result = land(connection, source, name, export, heads, place / "landing", landed_at=now())
            mistakes += [refusal.error for refusal in result.refused]
            for feed in (one for one in project.configuration.feeds() if (one.source, one.export) == (source, name)):
                for delivery in result.deliveries:
                    mistakes += _feed_mistakes(connection, project.contracts[feed.entity], feed, delivery)
    return mistakes


def _heads(location: Path, pattern: str, target: Path) -> Path:
    """Copies of the first lines of every matching file; the location itself where it cannot be read."""
    if not location.is_dir():
        return location
    target.mkdir(parents=True)
    for path in sorted(location.glob(pattern)):
        if path.is_file():
            copy = target / path.relative_to(location)
            copy.parent.mkdir(parents=True, exist_ok=True)
            _copy_head(path, copy)
    return target


def _copy_head(path: Path, copy: Path) -> None:
    if path.stat().st_size <= HEAD_BYTES:
        shutil.copyfile(path, copy)
        return
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    with gzip.open(path) if is_gzip else path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    # A line cut in half would look like a broken row
    copy.write_bytes(head[: head.rfind(b"\n") + 1] or head)


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
    found = connection.execute(
        f"""select _rule, count(*), min(_source_row), (select count(*) from ({typed}) where _belongs)
        from ({typed}) where _rule is not null group by 1 order by 1"""
    ).fetchall()
    for rule, bad, first, total in found:
        if bad > contract.max_quarantined * total:
            yield UserError(
                f"{feed.entity}: {rule} fails",
                where=f"{delivery.file}, row {first}",
                found=f"{bad} of the first {total} rows",
                expected=f"at most {contract.max_quarantined:.0%}",
                action=f"correct the mapping in {feed.connector_file} or its read options",
            )
