"""Commits one delivery: clean rows, quarantine and the record of the load in one transaction.

Before the commit the counts and the money of what was written are compared with what was delivered.
"""

import json
from collections.abc import Sequence
from decimal import Decimal

import duckdb

from pipeline.clean.candidate import Change, cast_changes, gap_changes, text_changes
from pipeline.clean.casts import cast_sql
from pipeline.clean.judge import EXAMPLES, examples_json, masked
from pipeline.clean.mapping import landed_sql
from pipeline.clean.outcome import OUTCOMES, CheckRow, LandedFile, LoadContext, Tally
from pipeline.clean.sql import ident, idents, text
from pipeline.contracts import PROVENANCE, Contract
from pipeline.errors import RefusedDelivery
from pipeline.sources import Feed
from pipeline.warehouse import Warehouse

ZERO = Decimal("0.0000")


def commit_load(
    warehouse: Warehouse,
    work: str,
    contract: Contract,
    feed: Feed,
    landed: LandedFile,
    later_loads: list[str],
    checks: Sequence[CheckRow],
    recipe: str,
    context: LoadContext,
) -> None:
    """Write everything of a sound delivery; raises RefusedDelivery (nothing written) when the sums disagree."""
    with warehouse.transaction() as cursor:
        _forget(cursor, feed, landed.load_id)
        tally = _tally(cursor, work, contract, feed, landed)
        _note_changes(cursor, work, contract, feed, landed.load_id)
        _write_rows(cursor, work, contract, feed, landed, tally)
        if feed.write == "snapshot" and not later_loads:
            _remove_vanished(cursor, work, contract, feed, landed, tally)
        _write_quarantine(cursor, work, feed, landed)
        _write_corrections(cursor, work, contract, feed, landed.load_id)
        _write_checks(cursor, feed, landed.load_id, checks, context)
        _reconcile(cursor, contract, feed, landed, tally)
        days = _days(cursor, contract, landed.load_id, feed)
        _write_load(cursor, feed, landed, "loaded", None, tally, days, recipe, context)


def commit_refusal(
    warehouse: Warehouse,
    contract: Contract,
    feed: Feed,
    landed: LandedFile,
    checks: Sequence[CheckRow],
    recipe: str,
    reason: str,
    context: LoadContext,
) -> None:
    """Record a refused delivery; clean rows of it that an earlier recipe loaded stand."""
    with warehouse.transaction() as cursor:
        for table in ("ops.loads", "ops.check_results"):
            cursor.execute(f"delete from {table} where {_this(feed, landed.load_id)}")
        _write_checks(cursor, feed, landed.load_id, checks, context)
        _write_load(cursor, feed, landed, "refused", reason, Tally(), (None, None), recipe, context)


def _this(feed: Feed, load_id: str) -> str:
    """Condition that picks the records of this delivery and entity."""
    return f"load_id = {text(load_id)} and source = {text(feed.source)} and export = {text(feed.export)} and entity = {text(feed.entity)}"


def _forget(cursor: duckdb.DuckDBPyConnection, feed: Feed, load_id: str) -> None:
    for table in ("ops.loads", "ops.check_results", "ops.corrections", "quarantine.rows"):
        cursor.execute(f"delete from {table} where {_this(feed, load_id)}")
    cursor.execute("delete from ops.reconciliation where check_id like ?", [f"{_check_prefix(feed, load_id)}%"])


def _check_prefix(feed: Feed, load_id: str) -> str:
    return f"{feed.source}/{feed.export}/{feed.entity}/{load_id}/"


def _tally(cursor: duckdb.DuckDBPyConnection, work: str, contract: Contract, feed: Feed, landed: LandedFile) -> Tally:
    """Rows and money by outcome, and the money as read straight from landing, as a control."""
    tally = Tally(rows=dict.fromkeys(OUTCOMES, 0))
    tally.rows |= dict(cursor.execute(f"select _outcome, count(*) from {work} group by all").fetchall())
    tally.rows["quarantined"] += landed.rejected
    rows = landed_sql(str(landed.folder / "rows.parquet"), landed.columns, feed)
    for name in (one for one in contract.money_columns if one in feed.mapping.columns):
        sums = cursor.execute(
            f"select _outcome, coalesce(sum({ident(name)}) filter (where {_is_delivered(name)}), 0) from {work} group by all"
        ).fetchall()
        by_outcome = {outcome: Decimal(value) for outcome, value in sums}
        value = cast_sql(f"trim(cast(({feed.mapping.columns[name]}) as VARCHAR))", "null", "money", feed)
        read = cursor.execute(f"select coalesce(sum({value}), 0) from ({rows})").fetchone()
        tally.money[name] = {"read": Decimal(read[0]) if read else ZERO} | {one: by_outcome.get(one, ZERO) for one in OUTCOMES}
    return tally


def _is_delivered(column: str) -> str:
    """Whether the value came with the row, rather than from a declared rule that filled a gap."""
    return f"not coalesce(list_contains(string_split(_filled, ','), {text(column)}), false)"


def _note_changes(cursor: duckdb.DuckDBPyConnection, work: str, contract: Contract, feed: Feed, load_id: str) -> None:
    """Business days and tracked keys touched: of the rows that come, and of those they take the place of."""
    table, keys = f"clean.{ident(contract.table)}", " and ".join(f"c.{ident(key)} = w.{ident(key)}" for key in contract.key)
    old = f"select c.* from {table} as c semi join (select * from {work} where _outcome = 'clean') as w on c._namespace = {text(feed.namespace)} and {keys}"
    own = f"select * from {table} where _load_id = {text(load_id)} and _source = {text(feed.source)} and _export = {text(feed.export)}"
    if contract.dated_by:
        day = ident(contract.dated_by)
        days = " union ".join(f"select {day} as day from ({rows})" for rows in (f"select * from {work} where _outcome = 'clean'", old, own))
        cursor.execute(f"insert into ops.changed_days select {text(feed.entity)}, day, {text(load_id)}, true from ({days}) where day is not null order by day")
    for kind, expression in contract.tracks.items():
        touched = " union ".join(f"select cast({expression} as VARCHAR) as key from ({rows})" for rows in (f"select * from {work} where _outcome = 'clean'", old, own))
        cursor.execute(
            f"insert into ops.changed_keys select {text(feed.entity)}, {text(kind)}, key, {text(load_id)}, true from ({touched}) where key is not null order by key"
        )


def _write_rows(cursor: duckdb.DuckDBPyConnection, work: str, contract: Contract, feed: Feed, landed: LandedFile, tally: Tally) -> None:
    table = f"clean.{ident(contract.table)}"
    own = f"_load_id = {text(landed.load_id)} and _source = {text(feed.source)} and _export = {text(feed.export)}"
    cursor.execute(f"delete from {table} where {own}")
    if feed.write != "append":
        keys = " and ".join(f"{table}.{ident(key)} = w.{ident(key)}" for key in contract.key)
        replaced = cursor.execute(
            f"delete from {table} using {work} as w where w._outcome = 'clean' and {table}._namespace = {text(feed.namespace)} and {keys}"
        ).fetchone()
        tally.replaced = int(replaced[0]) if replaced else 0
    provenance = {
        "_namespace": text(feed.namespace), "_source": text(feed.source), "_export": text(feed.export),
        "_load_id": text(landed.load_id), "_row_id": "_row_id", "_source_file": text(landed.file),
        "_source_row": "_source_row", "_filled": "_filled", "_is_deleted": "false",
    }  # fmt: skip
    cursor.execute(f"""
        insert into {table} ({idents(contract.columns)}, {idents(PROVENANCE)})
        select {idents(contract.columns)}, {', '.join(provenance[name] for name in PROVENANCE)}
        from {work} where _outcome = 'clean' order by _source_row
    """)


def _remove_vanished(
    cursor: duckdb.DuckDBPyConnection, work: str, contract: Contract, feed: Feed, landed: LandedFile, tally: Tally
) -> None:
    """Mark rows of the same export that a snapshot no longer holds; refuse one that shrank too far."""
    table = f"clean.{ident(contract.table)}"
    keys = " and ".join(f"w.{ident(key)} = {table}.{ident(key)}" for key in contract.key)
    standing = f"_source = {text(feed.source)} and _export = {text(feed.export)} and not _is_deleted"
    vanished = f"{standing} and not exists (select 1 from {work} as w where w._belongs and {keys})"
    counts = cursor.execute(f"select count(*) filter (where {vanished}), count(*) from {table} where {standing}").fetchone() or (0, 0)
    if counts[1] and counts[0] / counts[1] > feed.max_shrink:
        raise RefusedDelivery(
            f"too many rows of {contract.entity} vanished from this snapshot",
            where=landed.file,
            found=f"{counts[0]} of {counts[1]} rows are gone",
            expected=f"at most {feed.max_shrink:.0%}",
            action=f"deliver the whole snapshot, or raise max_shrink of exports.{feed.export} in {feed.connector_file}",
        )
    if contract.dated_by:
        day = ident(contract.dated_by)
        cursor.execute(
            f"insert into ops.changed_days select distinct {text(feed.entity)}, {day}, {text(landed.load_id)}, true from {table} where {vanished} and {day} is not null"
        )
    cursor.execute(f"update {table} set _is_deleted = true where {vanished}")
    tally.removed = int(counts[0])


def _write_quarantine(cursor: duckdb.DuckDBPyConnection, work: str, feed: Feed, landed: LandedFile) -> None:
    head = f"{text(landed.load_id)}, {text(feed.source)}, {text(feed.export)}, {text(feed.entity)}, {text(landed.file)}"
    names = idents(landed.columns)
    cursor.execute(f"""
        insert into quarantine.rows
        select {head}, w._source_row, w._row_id, w._rule, w._reason, cast(r.raw as VARCHAR)
        from {work} as w left join (
            select _source_row, to_json(struct_pack({', '.join(f'{ident(one)} := {ident(one)}' for one in landed.columns)})) as raw
            from (select {names}, _source_row from read_parquet({text(landed.folder / 'rows.parquet')}))
        ) as r using (_source_row)
        where w._outcome = 'quarantined' order by w._source_row
    """)
    if landed.rejected:
        cursor.execute(f"""
            insert into quarantine.rows
            select {head}, _source_row, {text(landed.load_id)} || '-rejected-' || _source_row, 'unreadable', reason,
                cast(to_json(struct_pack(line := line)) as VARCHAR)
            from read_parquet({text(landed.folder / 'rejects.parquet')}) order by _source_row
        """)


def _write_corrections(cursor: duckdb.DuckDBPyConnection, work: str, contract: Contract, feed: Feed, load_id: str) -> None:
    changes = text_changes(contract, feed) + cast_changes(contract, feed) + gap_changes(contract)
    if not changes:
        return
    counts = cursor.execute(
        f"select {', '.join(f'count(*) filter (where {one.is_changed})' for one in changes)} from {work} where _outcome = 'clean'"
    ).fetchone() or ()
    for change, cells in zip(changes, counts, strict=True):
        if cells:
            row = [load_id, feed.source, feed.export, feed.entity, change.rule, change.column, cells, _pairs(cursor, work, contract, change), change.reason]
            cursor.execute(f"insert into ops.corrections values ({', '.join('?' * len(row))})", row)


def _pairs(cursor: duckdb.DuckDBPyConnection, work: str, contract: Contract, change: Change) -> str:
    """Up to five before → after pairs as JSON, personal ones masked."""
    rows = cursor.execute(
        f"select distinct cast({change.before} as VARCHAR), cast({change.after} as VARCHAR) from {work} where _outcome = 'clean' and {change.is_changed} order by all limit {EXAMPLES}"
    ).fetchall()
    return examples_json(masked(contract, change.column, [f"{before or ''} → {after}" for before, after in rows]))


def _write_checks(
    cursor: duckdb.DuckDBPyConnection, feed: Feed, load_id: str, checks: Sequence[CheckRow], context: LoadContext
) -> None:
    rows = [
        [load_id, feed.source, feed.export, feed.entity, one.rule, one.expectation, one.column, one.severity, one.on_failure,
         one.reason, one.is_success, one.rows_checked, one.rows_unexpected, examples_json(one.examples), context.at]
        for one in checks
    ]  # fmt: skip
    if rows:
        cursor.executemany(f"insert into ops.check_results values ({', '.join('?' * len(rows[0]))})", rows)


def _reconcile(cursor: duckdb.DuckDBPyConnection, contract: Contract, feed: Feed, landed: LandedFile, tally: Tally) -> None:
    """Compare what was read with what was written; any difference refuses the delivery."""
    written = cursor.execute(
        f"select count(*) from clean.{ident(contract.table)} where _load_id = ? and _source = ? and _export = ?",
        [landed.load_id, feed.source, feed.export],
    ).fetchone() or (0,)
    outcomes = sum(tally.rows[one] for one in OUTCOMES if one != "clean") + written[0]
    comparisons = [("rows", "rows in the file", "rows by outcome", Decimal(landed.rows + landed.rejected), Decimal(outcomes))]
    for name, sums in tally.money.items():
        kept = cursor.execute(
            f"select coalesce(sum({ident(name)}) filter (where {_is_delivered(name)}), 0) from clean.{ident(contract.table)} where _load_id = ? and _source = ? and _export = ?",
            [landed.load_id, feed.source, feed.export],
        ).fetchone() or (ZERO,)
        total = kept[0] + sum(sums[one] for one in OUTCOMES if one != "clean")
        comparisons.append((name, f"{name} in the file", f"{name} by outcome", sums["read"], Decimal(total)))
    for what, left_label, right_label, left, right in comparisons:
        detail = f"{landed.file} → {feed.entity}"
        row = [_check_prefix(feed, landed.load_id) + what, "delivery", left_label, right_label, left, right, left - right, ZERO, left == right, detail]
        cursor.execute(f"insert into ops.reconciliation values ({', '.join('?' * len(row))})", row)
        if left != right:
            raise RefusedDelivery(
                f"{what} of {feed.entity} do not add up", where=landed.file, found=f"{right} by outcome",
                expected=f"{left} as read", action="report this: nothing may be lost on the way, so nothing was loaded",
            )


def _days(cursor: duckdb.DuckDBPyConnection, contract: Contract, load_id: str, feed: Feed) -> tuple[object, object]:
    if contract.dated_by is None:
        return None, None
    day = ident(contract.dated_by)
    row = cursor.execute(
        f"select min({day}), max({day}) from clean.{ident(contract.table)} where _load_id = ? and _source = ? and _export = ?",
        [load_id, feed.source, feed.export],
    ).fetchone()
    return (row[0], row[1]) if row else (None, None)


def _write_load(
    cursor: duckdb.DuckDBPyConnection,
    feed: Feed,
    landed: LandedFile,
    status: str,
    reason: str | None,
    tally: Tally,
    days: tuple[object, object],
    recipe: str,
    context: LoadContext,
) -> None:
    sums = {name: {one: str(value) for one, value in by.items()} for name, by in tally.money.items()}
    row = [
        landed.load_id, feed.source, feed.export, feed.entity, feed.namespace, landed.file, landed.sha256, landed.bytes,
        status, reason, landed.rows + landed.rejected, *(tally.rows.get(one, 0) for one in OUTCOMES),
        tally.replaced, tally.removed, json.dumps(sums, sort_keys=True), *days, recipe, context.run_id, context.at,
    ]  # fmt: skip
    cursor.execute(f"insert into ops.loads values ({', '.join('?' * len(row))})", row)


