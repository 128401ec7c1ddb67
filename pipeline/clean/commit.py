"""Commits a batch: clean rows, quarantine and the record of every load in one transaction.

Before the commit the counts and the money of what was written are compared with what was delivered.
"""

import json
from collections.abc import Sequence
from decimal import Decimal

import duckdb

from pipeline.clean.corrections import cast_column
from pipeline.clean.delivered import delivered_money, delivered_rows
from pipeline.clean.judge import examples_json
from pipeline.clean.outcome import KEPT, OUTCOMES, Batch, CheckRow, LandedFile, LoadContext, Tally
from pipeline.clean.records import insert, write_corrections, write_quarantine
from pipeline.clean.sql import first_and_last_day, ident, idents, text
from pipeline.contracts import PROVENANCE
from pipeline.errors import RefusedDelivery
from pipeline.sources import Feed
from pipeline.warehouse import Warehouse

ZERO = Decimal("0.0000")
Tallies = dict[str, Tally]


def commit_batch(
    warehouse: Warehouse,
    batch: Batch,
    landed: Sequence[tuple[Feed, str]],
    later_loads: Sequence[str],
    checks: Sequence[CheckRow],
    recipe: str,
    context: LoadContext,
) -> None:
    """Write everything of sound deliveries; raises RefusedDelivery (nothing written) when the sums disagree."""
    with warehouse.transaction() as cursor:
        _forget(cursor, batch)
        tallies = _tallies(cursor, batch, landed)
        _note_changes(cursor, batch)
        _write_rows(cursor, batch, tallies)
        if batch.feed.write == "snapshot":
            _remove_vanished(cursor, batch, tallies[batch.load_ids[-1]])
        write_quarantine(cursor, batch)
        write_corrections(cursor, batch)
        _write_checks(cursor, batch, checks, context)
        _reconcile(cursor, batch, tallies)
        _write_loads(cursor, batch, "loaded", None, tallies, recipe, context)


def commit_refusal(
    warehouse: Warehouse, batch: Batch, checks: Sequence[CheckRow], recipe: str, reason: str, context: LoadContext
) -> None:
    """Record a refused delivery; clean rows of it that an earlier recipe loaded stand."""
    with warehouse.transaction() as cursor:
        for table in ("ops.loads", "ops.check_results"):
            cursor.execute(f"delete from {table} where {batch.records}")
        _write_checks(cursor, batch, checks, context)
        _write_loads(cursor, batch, "refused", reason, {one: Tally() for one in batch.load_ids}, recipe, context)


def _forget(cursor: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    for table in ("ops.loads", "ops.check_results", "ops.corrections", "quarantine.rows"):
        cursor.execute(f"delete from {table} where {batch.records}")
    for load_id in (*batch.load_ids, *batch.replaces):
        cursor.execute(
            f"delete from ops.reconciliation where starts_with(check_id, {text(_check_prefix(batch, load_id))})"
        )


def _check_prefix(batch: Batch, load_id: str) -> str:
    return f"{batch.feed.source}/{batch.feed.export}/{batch.feed.entity}/{load_id}/"


def _tallies(cursor: duckdb.DuckDBPyConnection, batch: Batch, landed: Sequence[tuple[Feed, str]]) -> Tallies:
    """Rows and money by delivery and outcome, and both as read straight from landing, as a control."""
    tallies = {one.load_id: Tally() for one in batch.deliveries}
    for load_id, outcome, count in cursor.execute(
        f"select _load_id, _outcome, count(*) from {batch.work} group by all"
    ).fetchall():
        tallies[load_id].rows[outcome] = count
    delivered = delivered_rows(cursor, batch, landed)
    for one in batch.deliveries:
        tallies[one.load_id].rows["quarantined"] += one.rejected
        tallies[one.load_id].read = delivered.get(one.load_id, 0) + one.rejected
    for name in _money(batch):
        read = delivered_money(cursor, name, landed)
        for load_id, tally in tallies.items():
            tally.money[name] = dict.fromkeys(("read", *OUTCOMES), ZERO) | {"read": read.get(load_id, ZERO)}
        for load_id, outcome, value, corrected in cursor.execute(
            f"select _load_id, _outcome, {_sum(cast_column(name))}, {_sum(name)} from {batch.work} group by all"
        ).fetchall():
            tallies[load_id].money[name][outcome] = Decimal(value)
            if outcome in KEPT:
                tallies[load_id].corrected[name] = tallies[load_id].corrected.get(name, ZERO) + Decimal(corrected)
    return tallies


def _money(batch: Batch) -> list[str]:
    return [name for name in batch.contract.money_columns if name in batch.feed.mapping.columns]


def _sum(column: str) -> str:
    return f"coalesce(sum({ident(column)}), 0)"


def _note_changes(cursor: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Business days and tracked keys touched: of the rows that come, and of those they take the place of."""
    contract, entity = batch.contract, text(batch.contract.entity)
    new = f"select * from {batch.work} where {batch.is_kept}"
    old = f"select c.*, w._load_id as by_load from {batch.table} as c inner join ({new}) as w on {batch.same_key}"
    own = f"select c.*, c._load_id as by_load from {batch.table} as c where {batch.own_of('c')}"
    new = f"select *, {text(batch.feed.namespace)} as _namespace, _load_id as by_load from ({new})"
    if contract.dated_by:
        days = " union ".join(
            f"select {ident(date)} as day, by_load from ({rows})"
            for date in contract.dated_by
            for rows in (new, old, own)
        )
        cursor.execute(
            f"insert into ops.changed_days select {entity}, day, by_load, true from ({days}) where day is not null order by day, by_load"
        )
    for kind, expression in contract.tracks.items():
        keys = " union ".join(
            f"select cast({expression} as VARCHAR) as key, _namespace, by_load from ({rows})"
            for rows in (new, old, own)
        )
        cursor.execute(
            f"insert into ops.changed_keys select {entity}, {text(kind)}, key, by_load, _namespace from ({keys})"
            " where key is not null order by key, by_load"
        )


def _write_rows(cursor: duckdb.DuckDBPyConnection, batch: Batch, tallies: Tallies) -> None:
    cursor.execute(f"delete from {batch.table} as c where {batch.own_of('c')}")
    winners = f"(select * from {batch.work} where {batch.is_kept}) as w"
    outdated, is_append = batch.outdated_of("c"), batch.feed.write == "append"
    if not is_append:
        for load_id, replaced, removed in cursor.execute(
            "select w._load_id, count(*) filter (where not w._gone), count(*) filter (where w._gone and not c._is_deleted)"
            f" from {batch.table} as c inner join {winners} on {batch.same_key} where not {outdated} group by all"
        ).fetchall():
            tallies[load_id].replaced, tallies[load_id].removed = replaced, removed
    # An appended row takes nobody's place but that of a row which is loaded again in its turn
    given_way = outdated if is_append else "true"
    cursor.execute(f"delete from {batch.table} as c using {winners} where {batch.same_key} and {given_way}")
    files = " ".join(f"when {text(one.load_id)} then {text(one.file)}" for one in batch.deliveries)
    provenance = {
        "_namespace": text(batch.feed.namespace), "_source": text(batch.feed.source), "_export": text(batch.feed.export),
        "_load_id": "_load_id", "_row_id": "_row_id", "_source_file": f"case _load_id {files} end",
        "_source_row": "_source_row", "_filled": "_filled", "_is_deleted": "_gone",
    }  # fmt: skip
    cursor.execute(f"""
        insert into {batch.table} ({idents(batch.contract.columns)}, {idents(PROVENANCE)})
        select {idents(batch.contract.columns)}, {", ".join(provenance[name] for name in PROVENANCE)}
        from {batch.work} where {batch.is_kept}
    """)


def _remove_vanished(cursor: duckdb.DuckDBPyConnection, batch: Batch, tally: Tally) -> None:
    """Mark rows of the same export that a snapshot no longer holds; refuse one that shrank too far.

    Of rows that came later nothing is said: the snapshots they came in are loaded again after this one.
    """
    feed, contract = batch.feed, batch.contract
    standing = (
        f"c._source = {text(feed.source)} and c._export = {text(feed.export)} and not c._is_deleted"
        f" and not {batch.outdated_of('c')}"
    )
    vanished = f"{standing} and not exists (select 1 from {batch.work} as w where w._belongs and {batch.same_key})"
    counts = cursor.execute(
        f"select count(*) filter (where {vanished}), count(*) from {batch.table} as c where {standing}"
    ).fetchone() or (0, 0)
    if counts[1] and counts[0] / counts[1] > feed.max_shrink:
        raise RefusedDelivery(
            f"too many rows of {contract.entity} vanished from this snapshot",
            where=batch.files,
            found=f"{counts[0]} of {counts[1]} rows are gone",
            expected=f"at most {feed.max_shrink:.0%}",
            action=f"deliver the whole snapshot, or raise max_shrink of exports.{feed.export} in {feed.connector_file}",
        )
    newest = text(batch.load_ids[-1])
    for day in (ident(date) for date in contract.dated_by):
        cursor.execute(
            f"insert into ops.changed_days select distinct {text(contract.entity)}, {day}, {newest}, true"
            f" from {batch.table} as c where {vanished} and {day} is not null"
        )
    for kind, key in contract.tracks.items():
        cursor.execute(
            f"insert into ops.changed_keys select distinct {text(contract.entity)}, {text(kind)}, cast({key} as VARCHAR), {newest},"
            f" _namespace from {batch.table} as c where {vanished} and {key} is not null"
        )
    cursor.execute(f"update {batch.table} as c set _is_deleted = true where {vanished}")
    tally.removed += int(counts[0])


def _write_checks(
    cursor: duckdb.DuckDBPyConnection, batch: Batch, checks: Sequence[CheckRow], context: LoadContext
) -> None:
    feed = batch.feed
    insert(cursor, "ops.check_results", [
        (one.load_id, feed.source, feed.export, feed.entity, one.rule, one.expectation, one.column, one.severity, one.on_failure,
         one.reason, one.is_success, one.rows_checked, one.rows_unexpected, examples_json(one.examples), context.at)
        for one in checks
    ])  # fmt: skip


def _reconcile(cursor: duckdb.DuckDBPyConnection, batch: Batch, tallies: Tallies) -> None:
    """Compare what was read with what was written; any difference refuses the delivery."""
    sums = "".join(f", {_sum(name)}" for name in _money(batch))
    written = {
        row[0]: row[1:]
        for row in cursor.execute(
            f"select c._load_id, count(*){sums} from {batch.table} as c where {batch.own_of('c')} group by all"
        ).fetchall()
    }
    rows: list[tuple[object, ...]] = []
    for one in batch.deliveries:
        tally, found = tallies[one.load_id], written.get(one.load_id, (0, *(ZERO for _ in _money(batch))))
        left_out = [outcome for outcome in OUTCOMES if outcome not in KEPT]
        pairs = [
            (
                "rows",
                Decimal(tally.read or 0),
                Decimal(found[0] + sum(tally.rows[outcome] for outcome in left_out)),
            )
        ]
        for name, kept in zip(_money(batch), found[1:], strict=True):
            # What was written must be what the corrections left, and that they made of what was delivered
            lost = tally.corrected.get(name, ZERO) - kept
            pairs.append((name, tally.money[name]["read"], sum(tally.money[name][one] for one in OUTCOMES) - lost))
        for what, read, by_outcome in pairs:
            if read != by_outcome:
                raise RefusedDelivery(
                    f"{what} of {batch.feed.entity} do not add up", where=one.file, found=f"{by_outcome} by outcome",
                    expected=f"{read} as read", action="report this: nothing may be lost on the way, so nothing was loaded",
                )  # fmt: skip
            rows.append((
                _check_prefix(batch, one.load_id) + what, "delivery", f"{what} in the file", f"{what} by outcome",
                read, by_outcome, read - by_outcome, ZERO, True, f"{one.file} → {batch.feed.entity}",
                "all",
            ))  # fmt: skip
    insert(cursor, "ops.reconciliation", rows)


def _write_loads(
    cursor: duckdb.DuckDBPyConnection,
    batch: Batch,
    status: str,
    reason: str | None,
    tallies: Tallies,
    recipe: str,
    context: LoadContext,
) -> None:
    feed = batch.feed
    first, last = first_and_last_day(batch.contract)
    days = {
        row[0]: row[1:]
        for row in cursor.execute(
            f"select c._load_id, {first}, {last} from {batch.table} as c where {batch.own_of('c')}"
            " and not c._is_deleted group by all"
        ).fetchall()
    }
    rows = []
    for one in batch.deliveries:
        tally = tallies[one.load_id]
        rows_read = one.rows + one.rejected if tally.read is None else tally.read
        sums = {name: {part: str(value) for part, value in parts.items()} for name, parts in tally.money.items()}
        rows.append((
            one.load_id, feed.source, feed.export, feed.entity, feed.namespace, one.file, one.sha256, one.bytes,
            status, reason, rows_read, *(tally.rows[part] for part in OUTCOMES if part != "deleted"), tally.replaced, tally.removed,
            json.dumps(sums, sort_keys=True), *days.get(one.load_id, (None, None)), recipe, context.run_id, context.at,
            tally.rows["deleted"], _notes(one),
        ))  # fmt: skip
    insert(cursor, "ops.loads", rows)


def _notes(one: LandedFile) -> str | None:
    """What was left out of a delivery before its rows were counted."""
    return f"{one.not_rows} lines are no data (read.not_rows)" if one.not_rows else None
