"""Moves rows that break a rule to quarantine, and decides whether so many did that a delivery is refused."""

import json
from collections.abc import Sequence
from typing import Literal, cast

import duckdb

from pipeline.clean.candidate import kept_column
from pipeline.clean.duplicates import APPEND_CONFLICT, CONFLICT
from pipeline.clean.outcome import Batch, CheckRow, Verdict
from pipeline.clean.sql import ident, text
from pipeline.contracts import Contract
from pipeline.errors import RefusedDelivery

EXAMPLES = 5
MASK = "•••"


def masked(contract: Contract, column: str | None, values: Sequence[str | None]) -> list[str]:
    """Example values fit to be shown: personal ones are hidden."""
    shown = sorted({str(value) for value in values if value is not None})[:EXAMPLES]
    return [MASK] if column in contract.personal_columns and shown else shown


def structure_checks(connection: duckdb.DuckDBPyConnection, batch: Batch) -> list[CheckRow]:
    """One result per delivery and cast, required column, the key, and what of the mapping failed; reasons go to the rows."""
    counts = _counts(
        connection, f"select _load_id || ' ' || _rule, count(*) from {batch.work} where _rule is not null group by all"
    )
    checked = _counts(connection, f"select _load_id, count(*) from {batch.work} where _belongs group by all")
    results = []
    rules = [*_structural_rules(batch), *_faults({name.split(" ", 1)[1] for name in counts})]
    for rule, column, reason in rules:
        for load_id in batch.load_ids:
            bad = counts.get(f"{load_id} {rule}", 0)
            examples = _text_examples(connection, batch, load_id, rule, column) if bad else []
            rows = checked.get(load_id, 0)
            results.append(
                CheckRow(
                    load_id,
                    rule,
                    rule.split(":")[0],
                    column,
                    "warning",
                    "quarantine",
                    reason,
                    bad == 0,
                    rows,
                    bad,
                    examples,
                )
            )
    reasons = " ".join(f"when {text(rule)} then {text(reason)}" for rule, _, reason in rules)
    if counts:
        connection.execute(
            f"update {batch.work} set _reason = case _rule {reasons} end where _rule is not null and _reason is null"
        )
    return results


def _structural_rules(batch: Batch) -> list[tuple[str, str | None, str]]:
    contract = batch.contract
    casts: list[tuple[str, str | None, str]] = [
        (f"cast:{name}", name, f"the value is no {contract.columns[name].type}")
        for name in batch.feed.mapping.columns
        if contract.columns[name].type != "text"
    ]
    required: list[tuple[str, str | None, str]] = [
        (f"required:{name}", name, "the value is missing")
        for name, column in contract.columns.items()
        if column.required or name in contract.key
    ]
    key = ", ".join(contract.key)
    conflicts = [
        (CONFLICT, f"several rows share the key {key} and differ"),
        (APPEND_CONFLICT, f"the key {key} was delivered before with other values"),
    ]
    return casts + required + [(rule, None, reason) for rule, reason in conflicts]


def _faults(broken: set[str]) -> list[tuple[str, str | None, str]]:
    """Rules of the mapping itself that rows broke: one that no row broke is not worth a record per delivery."""
    reasons = {"mapping": "an expression cannot be worked out", "each": "there is no JSON array to take apart"}
    return [(rule, None, reasons[kind]) for rule in sorted(broken) if (kind := rule.split(":")[0]) in reasons]


def _text_examples(
    connection: duckdb.DuckDBPyConnection, batch: Batch, load_id: str, rule: str, column: str | None
) -> list[str]:
    if column is None or column not in batch.feed.mapping.columns:
        return []
    rows = connection.execute(
        f"select distinct {ident(kept_column(batch.contract, column))} from {batch.work}"
        f" where _rule = {text(rule)} and _load_id = {text(load_id)} order by all limit {EXAMPLES}"
    )
    return masked(batch.contract, column, [row[0] for row in rows.fetchall()])


def judge_batch(
    connection: duckdb.DuckDBPyConnection, batch: Batch, verdicts: Sequence[Verdict], checks: list[CheckRow]
) -> None:
    """Record every verdict in `checks`, move rows to quarantine; raises RefusedDelivery when a rule blocks."""
    rows = _counts(connection, f"select _load_id, count(*) from {batch.work} where _outcome = 'clean' group by all")
    blocking: tuple[Verdict, Sequence[str]] | None = None
    for verdict in verdicts:
        bad = _bad_by_load(connection, batch, verdict)
        examples = _bad_values(connection, batch, verdict)
        checks += [
            _verdict_row(verdict, load_id, rows.get(load_id, 0), bad.get(load_id, 0), examples.get(load_id, []))
            for load_id in batch.load_ids
        ]
        if verdict.is_success:
            continue
        if verdict.on_failure == "quarantine" and verdict.bad_rows_query:
            _quarantine(connection, batch, verdict)
        if verdict.on_failure == "block":
            blocking = blocking or (verdict, [one for values in examples.values() for one in values])
    if blocking:
        raise _blocked(batch, *blocking)


def _blocked(batch: Batch, verdict: Verdict, examples: Sequence[str]) -> RefusedDelivery:
    return RefusedDelivery(
        f"{verdict.rows_unexpected} of {verdict.rows_checked} rows break the rule {verdict.rule} of {batch.contract.entity}",
        where=batch.files,
        found=", ".join(examples),
        expected=verdict.reason,
        action="correct the export and deliver it again; the last good data stands",
    )


def _bad_by_load(connection: duckdb.DuckDBPyConnection, batch: Batch, verdict: Verdict) -> dict[str, int]:
    if not verdict.bad_rows_query:
        return {}
    return _counts(
        connection,
        f"select _load_id, count(*) from {batch.work} where _row_id in ({verdict.bad_rows_query}) group by all",
    )


def _verdict_row(verdict: Verdict, load_id: str, rows: int, bad: int, examples: Sequence[str]) -> CheckRow:
    """A failed rule about rows fails for the deliveries that hold them, one about the whole batch for all."""
    severity = cast(Literal["critical", "warning"], verdict.severity)
    failed = not verdict.is_success and (bad > 0 or verdict.bad_rows_query is None)
    return CheckRow(
        load_id, verdict.rule, verdict.expectation, verdict.column, severity, verdict.on_failure, verdict.reason,
        not failed, rows, bad, examples if failed else (),
    )  # fmt: skip


def _bad_values(connection: duckdb.DuckDBPyConnection, batch: Batch, verdict: Verdict) -> dict[str, list[str]]:
    """By delivery a few offending values, or keys when the rule is not about one column."""
    if verdict.is_success or not verdict.bad_rows_query:
        return {}
    shown = verdict.column or batch.contract.key[0]
    value = f"cast({ident(shown)} as VARCHAR)"
    rows = connection.execute(
        f"select _load_id, list(distinct {value} order by {value})[:{EXAMPLES}] from {batch.work}"
        f" where _row_id in ({verdict.bad_rows_query}) group by all"
    ).fetchall()
    named = "" if verdict.column else f"{shown} "
    return {
        load_id: [f"{named}{one}" for one in masked(batch.contract, shown, values or [])] for load_id, values in rows
    }


def _quarantine(connection: duckdb.DuckDBPyConnection, batch: Batch, verdict: Verdict) -> None:
    connection.execute(f"""
        update {batch.work} set _outcome = 'quarantined', _rule = {text(verdict.rule)}, _reason = {text(verdict.reason)}
        where _outcome = 'clean' and _row_id in ({verdict.bad_rows_query})
    """)


def check_shares(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Refuse where more than max_quarantined of a delivery's rows or of its money is in quarantine.

    Its money is what its rows are about: the amounts each row has to have, or where none has to, the largest one. A
    fee or a tax is a part of it and is not measured by itself.
    """
    money = [name for name in batch.contract.money_columns if name in batch.feed.mapping.columns]
    needed = [name for name in money if batch.contract.columns[name].required]
    sums = "".join(
        f", coalesce(sum(abs({ident(name)})) filter (where _outcome = 'quarantined'), 0), coalesce(sum(abs({ident(name)})) filter (where _belongs), 0)"
        for name in money
    )
    rows = connection.execute(
        f"select _load_id, count(*) filter (where _outcome = 'quarantined'), count(*) filter (where _belongs){sums} from {batch.work} group by all"
    ).fetchall()
    by_load = {row[0]: row[1:] for row in rows}
    for one in batch.deliveries:
        numbers = by_load.get(one.load_id, (0, 0))
        shares = [
            (name, numbers[at], numbers[at + 1]) for at, name in zip(range(2, len(numbers), 2), money, strict=False)
        ]
        largest = max(shares, key=lambda share: share[2], default=None)
        measured = [share for share in shares if (share[0] in needed if needed else share == largest)]
        for what, bad, total in [("rows", numbers[0] + one.rejected, numbers[1] + one.rejected), *measured]:
            if total and bad / total > batch.contract.max_quarantined:
                raise _too_much(
                    connection,
                    batch,
                    one.load_id,
                    one.file,
                    f"{float(bad):,.12g} of {float(total):,.12g} {what} ({bad / total:.1%})",
                )


def _too_much(
    connection: duckdb.DuckDBPyConnection, batch: Batch, load_id: str, file: str, found: str
) -> RefusedDelivery:
    row = connection.execute(
        f"""select _rule, min(_reason), count(*), min(_source_row) from {batch.work}
        where _outcome = 'quarantined' and _load_id = {text(load_id)} group by 1 order by 3 desc, 1 limit 1"""
    ).fetchone()
    worst = (
        f"{row[0]} ({row[1]}; {row[2]} rows, first in row {row[3]})"
        if row
        else "rows that could not be read into columns"
    )
    return RefusedDelivery(
        f"too much of {batch.contract.entity} would go to quarantine",
        where=file,
        found=f"{found}, most of them: {worst}",
        expected=f"at most {batch.contract.max_quarantined:.1%}",
        action="correct the export or its connector and run again; the last good data stands",
    )


def examples_json(examples: Sequence[str]) -> str:
    return json.dumps(list(examples), ensure_ascii=False)


def _counts(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, int]:
    return {str(name): int(count) for name, count in connection.execute(sql).fetchall()}
