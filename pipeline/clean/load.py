"""Loads one delivery into one entity: map, cast, correct, deduplicate, judge, commit; or refuse it whole."""

import hashlib
import json
from collections.abc import Callable, Sequence

import duckdb

from pipeline.clean.candidate import mapped_sql, typed_sql
from pipeline.clean.commit import commit_load, commit_refusal
from pipeline.clean.duplicates import mark_against_clean, mark_within
from pipeline.clean.judge import check_share, judge_batch, structure_checks
from pipeline.clean.mapping import check_columns, landed_sql
from pipeline.clean.outcome import CheckRow, LandedFile, LoadContext, LoadOutcome, Verdict
from pipeline.clean.sql import ident, text
from pipeline.contracts import Contract
from pipeline.errors import RefusedDelivery
from pipeline.sources import Feed
from pipeline.warehouse import Warehouse

Validate = Callable[[str, Contract], Sequence[Verdict]]


def recipe(contract: Contract, feed: Feed) -> str:
    """Hash of everything that decides what a landed row becomes; a changed one loads a delivery again."""
    said = {"contract": contract.model_dump(mode="json"), "feed": feed.model_dump(mode="json")}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def is_known(connection: duckdb.DuckDBPyConnection, contract: Contract, feed: Feed, load_id: str) -> bool:
    """Whether this delivery was loaded or refused with the same recipe before."""
    row = connection.execute(
        "select 1 from ops.loads where load_id = ? and source = ? and export = ? and entity = ? and recipe = ?",
        [load_id, feed.source, feed.export, feed.entity, recipe(contract, feed)],
    ).fetchone()
    return row is not None


def load_delivery(
    warehouse: Warehouse,
    contract: Contract,
    feed: Feed,
    landed: LandedFile,
    later_loads: list[str],
    validate: Validate,
    context: LoadContext,
) -> LoadOutcome:
    """Load one landed delivery; a refused one leaves the clean table as it was and is recorded as refused."""
    if is_known(warehouse.connection, contract, feed, landed.load_id):
        return LoadOutcome(landed.load_id, landed.file, "known")
    work, batch = f"candidate.{ident('rows_' + contract.table)}", f"batch_{contract.table}"
    connection = warehouse.connection
    checks: list[CheckRow] = []
    try:
        _make_candidate(connection, work, contract, feed, landed, context)
        mark_within(connection, work, contract, feed)
        mark_against_clean(connection, work, contract, feed, landed.load_id, later_loads)
        checks += structure_checks(connection, work, contract, feed)
        connection.execute(_batch_sql(work, batch, contract))
        judge_batch(connection, work, contract, validate(batch, contract), landed.file, checks)
        check_share(connection, work, contract, feed, landed)
        commit_load(warehouse, work, contract, feed, landed, later_loads, checks, recipe(contract, feed), context)
    except RefusedDelivery as error:
        commit_refusal(warehouse, contract, feed, landed, checks, recipe(contract, feed), str(error), context)
        return LoadOutcome(landed.load_id, landed.file, "refused", str(error))
    finally:
        connection.execute(f"drop table if exists {work}")
        connection.execute(f"drop table if exists candidate.{ident(batch)}")
    return LoadOutcome(landed.load_id, landed.file, "loaded")


def _make_candidate(
    connection: duckdb.DuckDBPyConnection, work: str, contract: Contract, feed: Feed, landed: LandedFile, context: LoadContext
) -> None:
    rows = landed_sql(str(landed.folder / "rows.parquet"), landed.columns, feed)
    check_columns(connection, rows, landed.columns, feed, landed.file)
    typed = typed_sql(mapped_sql(rows, feed), contract, feed, context.pseudonym_key)
    connection.execute(f"""
        create or replace table {work} as
        select *, {text(landed.load_id)} || '-' || _source_row as _row_id, case
            when not _belongs then 'not_for_entity' when _rule is not null then 'quarantined' else 'clean' end as _outcome
        from ({typed})
    """)


def _batch_sql(work: str, batch: str, contract: Contract) -> str:
    """The rows a suite judges, in a table of a name of its own, committed so that other cursors see it."""
    columns = ", ".join(ident(name) for name in contract.columns)
    return f"create or replace table candidate.{ident(batch)} as select {columns}, _row_id from {work} where _outcome = 'clean'"
