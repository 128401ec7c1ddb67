"""Loads deliveries into one entity: map, cast, correct, deduplicate, judge, commit; a bad one is refused whole.

Deliveries that are new together are loaded together, which costs little more than one; only when anything in such a
batch is refused are they loaded one by one, so that the bad one alone is.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

import duckdb

from pipeline.clean.candidate import mapped_sql, typed_sql
from pipeline.clean.commit import commit_batch, commit_refusal
from pipeline.clean.duplicates import mark_against_clean, mark_within
from pipeline.clean.judge import check_shares, judge_batch, structure_checks
from pipeline.clean.mapping import check_columns, landed_sql, with_quoted_names
from pipeline.clean.outcome import Batch, CheckRow, LandedFile, LoadContext, LoadOutcome, Verdict
from pipeline.clean.sql import ident, text
from pipeline.contracts import Contract
from pipeline.errors import RefusedDelivery
from pipeline.sources import Feed
from pipeline.warehouse import Warehouse

Validate = Callable[[str, Contract], Sequence[Verdict]]
# Bounds what the candidate takes on disk; the candidate is written before anything is judged
MAX_ROWS = 5_000_000


def recipe(contract: Contract, feed: Feed) -> str:
    """Hash of everything that decides what a landed row becomes; a changed one loads a delivery again."""
    said = {"contract": contract.model_dump(mode="json"), "feed": feed.model_dump(mode="json")}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def load_feed(
    warehouse: Warehouse,
    contract: Contract,
    feed: Feed,
    landed: Sequence[LandedFile],
    validate: Validate,
    context: LoadContext,
) -> list[LoadOutcome]:
    """Load what is new among the deliveries of a feed, given in order; one outcome each, in that order.

    A file that landed twice, because how it is to be read changed, counts as the newer landing alone.
    """
    landed = list({one.sha256: one for one in landed}.values())
    known = _known(warehouse.connection, contract, feed)
    earlier = _earlier_readings(warehouse.connection, feed, landed)
    new = [one for one in landed if one.load_id not in known]
    outcomes: dict[str, LoadOutcome] = {}
    for together in _batches(landed, new, feed):
        later = _later(landed, together[-1], known)
        found = load_together(warehouse, contract, feed, together, later, earlier, validate, context)
        outcomes |= {one.load_id: one for one in found}
        known |= {one.load_id for one in together}
    return [outcomes.get(one.load_id, LoadOutcome(one.load_id, one.file, "known")) for one in landed]


def load_together(
    warehouse: Warehouse,
    contract: Contract,
    feed: Feed,
    deliveries: Sequence[LandedFile],
    later_loads: Sequence[str],
    earlier_readings: Mapping[str, list[str]],
    validate: Validate,
    context: LoadContext,
) -> list[LoadOutcome]:
    """Load deliveries as one batch, or one by one when anything of the batch is refused.

    `later_loads` are deliveries of the same export after these, loaded before them (a mapping changed, say);
    `earlier_readings` are loads of the same content read in another way, by its sha256: these take their place.
    """
    replaces = tuple(old for one in deliveries for old in earlier_readings.get(one.sha256, []))
    batch = Batch(contract, feed, tuple(deliveries), replaces)
    checks: list[CheckRow] = []
    try:
        _load(warehouse, batch, later_loads, validate, context, checks)
    except RefusedDelivery as error:
        if len(deliveries) > 1:
            alone = [
                ([one], [*(two.load_id for two in deliveries[at + 1 :]), *later_loads])
                for at, one in enumerate(deliveries)
            ]
            return [
                outcome
                for one, later in alone
                for outcome in load_together(warehouse, contract, feed, one, later, earlier_readings, validate, context)
            ]
        commit_refusal(warehouse, batch, checks, recipe(contract, feed), str(error), context)
        return [LoadOutcome(deliveries[0].load_id, deliveries[0].file, "refused", str(error))]
    finally:
        warehouse.connection.execute(f"drop table if exists {batch.work}")
        warehouse.connection.execute(f"drop table if exists candidate.{ident(batch.judged)}")
    return [LoadOutcome(one.load_id, one.file, "loaded") for one in deliveries]


def _known(connection: duckdb.DuckDBPyConnection, contract: Contract, feed: Feed) -> set[str]:
    """Deliveries that were loaded or refused with the same recipe before, and those that were withdrawn."""
    rows = connection.execute(
        f"select load_id from ops.loads where source = {text(feed.source)} and export = {text(feed.export)}"
        f" and entity = {text(feed.entity)} and (recipe = {text(recipe(contract, feed))} or status = 'withdrawn')"
    )
    return {row[0] for row in rows.fetchall()}


def _earlier_readings(
    connection: duckdb.DuckDBPyConnection, feed: Feed, landed: Sequence[LandedFile]
) -> dict[str, list[str]]:
    """Loads by the content of their file that are no longer among the deliveries."""
    rows = connection.execute(
        f"select sha256, load_id from ops.loads where source = {text(feed.source)} and export = {text(feed.export)}"
        f" and entity = {text(feed.entity)} and sha256 is not null order by load_id"
    ).fetchall()
    current = {one.load_id for one in landed}
    readings: dict[str, list[str]] = {}
    for sha256, load_id in rows:
        if load_id not in current:
            readings.setdefault(sha256, []).append(load_id)
    return readings


def _batches(landed: Sequence[LandedFile], new: Sequence[LandedFile], feed: Feed) -> Iterator[list[LandedFile]]:
    """New deliveries that may be loaded together: neighbours in order, not too many rows, never two snapshots."""
    position = {one.load_id: at for at, one in enumerate(landed)}
    for _, run in groupby(enumerate(new), key=lambda pair: position[pair[1].load_id] - pair[0]):
        together: list[LandedFile] = []
        for _, one in run:
            if together and (feed.write == "snapshot" or sum(two.rows for two in together) + one.rows > MAX_ROWS):
                yield together
                together = []
            together.append(one)
        yield together


def _later(landed: Sequence[LandedFile], last: LandedFile, known: set[str]) -> list[str]:
    at = [one.load_id for one in landed].index(last.load_id)
    return [one.load_id for one in landed[at + 1 :] if one.load_id in known]


def _load(
    warehouse: Warehouse,
    batch: Batch,
    later_loads: Sequence[str],
    validate: Validate,
    context: LoadContext,
    checks: list[CheckRow],
) -> None:
    connection = warehouse.connection
    landed = _landed_groups(connection, batch)
    _make_candidate(connection, batch, landed, context)
    mark_within(connection, batch)
    mark_against_clean(connection, batch, later_loads)
    checks += structure_checks(connection, batch)
    connection.execute(_judged_sql(batch))
    judge_batch(connection, batch, validate(batch.judged, batch.contract), checks)
    check_shares(connection, batch)
    commit_batch(warehouse, batch, landed, later_loads, checks, recipe(batch.contract, batch.feed), context)


def _landed_groups(connection: duckdb.DuckDBPyConnection, batch: Batch) -> list[tuple[Feed, str]]:
    """SQL of the landed rows by group of files with the same columns, each checked against the mapping."""
    groups = []
    for columns, files in groupby(sorted(batch.deliveries, key=lambda one: one.columns), key=lambda one: one.columns):
        members = list(files)
        rows = landed_sql([one.folder / "rows.parquet" for one in members], columns, batch.feed)
        feed = with_quoted_names(batch.feed, columns)
        check_columns(connection, rows, columns, feed, members[0].file)
        groups.append((feed, rows))
    return groups


def _make_candidate(
    connection: duckdb.DuckDBPyConnection, batch: Batch, landed: list[tuple[Feed, str]], context: LoadContext
) -> None:
    mapped = " union all ".join(mapped_sql(rows, feed) for feed, rows in landed)
    typed = typed_sql(mapped, batch.contract, batch.feed, context.pseudonym_key)
    connection.execute(f"""
        create or replace table {batch.work} as
        select *, _load_id || '-' || _source_row as _row_id, case
            when not _belongs then 'not_for_entity' when _rule is not null then 'quarantined' else 'clean' end as _outcome
        from ({typed})
    """)


def _judged_sql(batch: Batch) -> str:
    """The rows a suite judges, in a table of a name of its own, committed so that other cursors see it."""
    columns = ", ".join(ident(name) for name in batch.contract.columns)
    return f"create or replace table candidate.{ident(batch.judged)} as select {columns}, _row_id from {batch.work} where _outcome = 'clean'"
