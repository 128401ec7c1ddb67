"""Loads deliveries into one entity: map, cast, correct, deduplicate, judge, commit; a bad one is refused whole.

Deliveries that are new together are loaded together, which costs little more than one; only when anything in such a
batch is refused are they loaded one by one, so that the bad one alone is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

import duckdb

from pipeline.clean.candidate import mapped_sql, typed_sql
from pipeline.clean.commit import commit_batch, commit_refusal
from pipeline.clean.duplicates import APPEND_CONFLICT, loads_to_repeat, mark_repeated, settle
from pipeline.clean.judge import check_shares, judge_batch, structure_checks
from pipeline.clean.mapping import check_columns, landed_sql, with_quoted_names, worked_out
from pipeline.clean.outcome import Batch, CheckRow, LandedFile, LoadContext, LoadOutcome, Verdict
from pipeline.clean.plan import Together, earlier_readings, known_loads, plan, without_rows
from pipeline.clean.reasons import explain
from pipeline.clean.recipe import recipe
from pipeline.clean.sql import ident, text
from pipeline.contracts import Contract
from pipeline.errors import RefusedDelivery
from pipeline.sources import Feed
from pipeline.warehouse import Warehouse

Validate = Callable[[str, Contract], Sequence[Verdict]]


class _OneByOne(Exception):
    """Loaded together these deliveries would end otherwise than one after the other."""


class _Repeat(Exception):
    """Deliveries loaded before these, which come before them in order, have to be loaded again after them."""

    def __init__(self, load_ids: frozenset[str]) -> None:
        super().__init__()
        self.load_ids = load_ids


@dataclass(frozen=True)
class _Job:
    """Everything the loads of one feed share; `gone` are deliveries whose landed rows are deleted."""

    warehouse: Warehouse
    contract: Contract
    feed: Feed
    validate: Validate
    context: LoadContext
    recipe: str
    earlier: Mapping[str, list[str]]
    gone: frozenset[str]


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
    made_by = recipe(contract, feed, context)
    gone = without_rows(landed)
    known = known_loads(warehouse.connection, feed, made_by) | gone
    earlier = earlier_readings(warehouse.connection, feed, landed)
    job = _Job(warehouse, contract, feed, validate, context, made_by, earlier, frozenset(gone))
    outcomes = _load_all(job, landed, known)
    return [outcomes.get(one.load_id, LoadOutcome(one.load_id, one.file, "known")) for one in landed]


def _load_all(job: _Job, landed: Sequence[LandedFile], known: dict[str, str]) -> dict[str, LoadOutcome]:
    """By load id what became of the deliveries that are not known; begun anew where a late one changes what others were."""
    outcomes: dict[str, LoadOutcome] = {}
    while True:
        try:
            for together in plan(landed, known, job.feed):
                done = {one.load_id: one for one in _load_together(job, together)}
                outcomes |= done
                known |= {load_id: one.status for load_id, one in done.items()}
            return outcomes
        except _Repeat as late:
            known = {load_id: status for load_id, status in known.items() if load_id not in late.load_ids}


def _load_together(job: _Job, together: Together) -> list[LoadOutcome]:
    """Load deliveries as one batch, or one by one when anything of the batch is refused or depends on the order."""
    deliveries = together.deliveries
    replaces = tuple(old for one in deliveries for old in job.earlier.get(one.sha256, []))
    batch = Batch(job.contract, job.feed, deliveries, replaces, together.outdated)
    checks: list[CheckRow] = []
    try:
        worked_out(job.warehouse.connection, partial(_load, job, batch, together.later, checks))
    except (RefusedDelivery, _OneByOne) as error:
        if len(deliveries) > 1:
            return [outcome for one in together.one_by_one() for outcome in _load_together(job, one)]
        commit_refusal(job.warehouse, batch, checks, job.recipe, str(error), job.context)
        return [LoadOutcome(deliveries[0].load_id, deliveries[0].file, "refused", str(error))]
    finally:
        job.warehouse.connection.execute(f"drop table if exists {batch.work}")
        job.warehouse.connection.execute(f"drop table if exists candidate.{ident(batch.judged)}")
    return [LoadOutcome(one.load_id, one.file, "loaded") for one in deliveries]


def _load(job: _Job, batch: Batch, later_loads: Sequence[str], checks: list[CheckRow]) -> None:
    connection = job.warehouse.connection
    checks.clear()
    landed = _landed_groups(connection, batch)
    _make_candidate(connection, batch, landed, job.context)
    explain(connection, batch)
    mark_repeated(connection, batch, later_loads)
    late = loads_to_repeat(connection, batch, [one for one in later_loads if one not in job.gone])
    if late:
        raise _Repeat(late)
    checks += structure_checks(connection, batch)
    connection.execute(_judged_sql(batch))
    judge_batch(connection, batch, job.validate(batch.judged, batch.contract), checks)
    _refuse_order_that_matters(connection, batch)
    settle(connection, batch)
    check_shares(connection, batch)
    commit_batch(job.warehouse, batch, landed, later_loads, checks, job.recipe, job.context)


def _refuse_order_that_matters(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Raise where a row gave way to one of another delivery that then went to quarantine: alone it would stand."""
    if len(batch.deliveries) == 1:
        return
    same_key = " and ".join(f"bad.{ident(key)} = good.{ident(key)}" for key in batch.contract.key)
    judged = f"(select _row_id from candidate.{ident(batch.judged)})"
    gave_way = f"good._gives_way or good._outcome = 'superseded' or good._rule = {text(APPEND_CONFLICT)}"
    found = connection.execute(f"""
        select 1 from {batch.work} as bad inner join {batch.work} as good on {same_key} and bad._load_id <> good._load_id
        where bad._outcome = 'quarantined' and not bad._gives_way and bad._row_id in {judged} and ({gave_way})
        limit 1
    """).fetchone()
    if found:
        raise _OneByOne


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
        select *, false as _gives_way, false as _is_contested, case
            when not _belongs then 'not_for_entity' when _rule is not null then 'quarantined' else 'clean' end as _outcome
        from ({typed})
    """)


def _judged_sql(batch: Batch) -> str:
    """The rows a suite judges, in a table of a name of its own, committed so that other cursors see it."""
    columns = ", ".join(ident(name) for name in batch.contract.columns)
    return f"create or replace table candidate.{ident(batch.judged)} as select {columns}, _row_id from {batch.work} where _outcome = 'clean'"
