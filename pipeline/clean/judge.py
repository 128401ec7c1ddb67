"""Moves rows that break a rule to quarantine, and decides whether so many did that the delivery is refused."""

import json
from collections.abc import Sequence
from typing import Literal, cast

import duckdb

from pipeline.clean.candidate import text_column
from pipeline.clean.duplicates import APPEND_CONFLICT, CONFLICT
from pipeline.clean.outcome import CheckRow, LandedFile, Verdict
from pipeline.clean.sql import ident, text
from pipeline.contracts import Contract
from pipeline.errors import RefusedDelivery
from pipeline.sources import Feed

EXAMPLES = 5
MASK = "•••"


def masked(contract: Contract, column: str | None, values: Sequence[str | None]) -> list[str]:
    """Example values fit to be shown: personal ones are hidden."""
    shown = sorted({str(value) for value in values if value is not None})[:EXAMPLES]
    return [MASK] if column in contract.personal_columns and shown else shown


def structure_checks(connection: duckdb.DuckDBPyConnection, work: str, contract: Contract, feed: Feed) -> list[CheckRow]:
    """One result per cast, per required column and for the key; reasons go to the rows themselves."""
    counts = dict(connection.execute(f"select _rule, count(*) from {work} where _rule is not null group by all").fetchall())
    checked = _scalar(connection, f"select count(*) from {work} where _belongs")
    results = []
    for rule, column, reason in _structural_rules(contract, feed):
        bad = int(counts.get(rule, 0))
        examples = _text_examples(connection, work, contract, feed, rule, column) if bad else []
        results.append(_structural(rule, column, reason, checked, bad, examples))
        if bad:
            connection.execute(f"update {work} set _reason = {text(reason)} where _rule = {text(rule)} and _reason is null")
    return results


def _structural_rules(contract: Contract, feed: Feed) -> list[tuple[str, str | None, str]]:
    casts: list[tuple[str, str | None, str]] = [
        (f"cast:{name}", name, f"the value is no {contract.columns[name].type}")
        for name in feed.mapping.columns
        if contract.columns[name].type != "text"
    ]
    required: list[tuple[str, str | None, str]] = [
        (f"required:{name}", name, "the value is missing")
        for name, column in contract.columns.items()
        if column.required or name in contract.key
    ]
    key = ", ".join(contract.key)
    conflicts = [(CONFLICT, f"several rows share the key {key} and differ"), (APPEND_CONFLICT, f"the key {key} was delivered before with other values")]
    return casts + required + [(rule, None, reason) for rule, reason in conflicts]


def _structural(rule: str, column: str | None, reason: str, checked: int, bad: int, examples: Sequence[str]) -> CheckRow:
    return CheckRow(rule, rule.split(":")[0], column, "warning", "quarantine", reason, bad == 0, checked, bad, examples)


def _text_examples(
    connection: duckdb.DuckDBPyConnection, work: str, contract: Contract, feed: Feed, rule: str, column: str | None
) -> list[str]:
    if column is None or column not in feed.mapping.columns:
        return []
    rows = connection.execute(f"select distinct {ident(text_column(column))} from {work} where _rule = ? order by all limit {EXAMPLES}", [rule])
    return masked(contract, column, [row[0] for row in rows.fetchall()])


def judge_batch(
    connection: duckdb.DuckDBPyConnection,
    work: str,
    contract: Contract,
    verdicts: Sequence[Verdict],
    file: str,
    checks: list[CheckRow],
) -> None:
    """Record every verdict in `checks`, move rows to quarantine; raises RefusedDelivery when a rule blocks."""
    blocking = None
    for verdict in verdicts:
        examples = _bad_values(connection, work, contract, verdict)
        checks.append(_verdict_row(verdict, examples))
        if verdict.is_success:
            continue
        if verdict.on_failure == "quarantine" and verdict.bad_rows_query:
            _quarantine(connection, work, verdict)
        if verdict.on_failure == "block":
            blocking = blocking or (verdict, examples)
    if blocking:
        verdict, examples = blocking
        raise RefusedDelivery(
            f"{verdict.rows_unexpected} of {verdict.rows_checked} rows break the rule {verdict.rule} of {contract.entity}",
            where=file,
            found=", ".join(examples),
            expected=verdict.reason,
            action="correct the export and deliver it again; the last good data stands",
        )


def _verdict_row(verdict: Verdict, examples: Sequence[str]) -> CheckRow:
    severity = cast(Literal["critical", "warning"], verdict.severity)
    return CheckRow(
        verdict.rule, verdict.expectation, verdict.column, severity, verdict.on_failure, verdict.reason,
        verdict.is_success, verdict.rows_checked, verdict.rows_unexpected, examples,
    )


def _bad_values(connection: duckdb.DuckDBPyConnection, work: str, contract: Contract, verdict: Verdict) -> list[str]:
    """A few offending values (or keys, when the rule is not about one column)."""
    if verdict.is_success or not verdict.bad_rows_query:
        return []
    shown = verdict.column or contract.key[0]
    rows = connection.execute(
        f"select distinct cast({ident(shown)} as VARCHAR) from {work} where _row_id in ({verdict.bad_rows_query}) order by all limit {EXAMPLES}"
    ).fetchall()
    values = masked(contract, shown, [row[0] for row in rows])
    return values if verdict.column else [f"{shown} {value}" for value in values]


def _quarantine(connection: duckdb.DuckDBPyConnection, work: str, verdict: Verdict) -> None:
    connection.execute(f"""
        update {work} set _outcome = 'quarantined', _rule = {text(verdict.rule)}, _reason = {text(verdict.reason)}
        where _outcome = 'clean' and _row_id in ({verdict.bad_rows_query})
    """)


def check_share(connection: duckdb.DuckDBPyConnection, work: str, contract: Contract, feed: Feed, landed: LandedFile) -> None:
    """Refuse the delivery when more than max_quarantined of its rows or of its money is in quarantine."""
    share = f"count(*) filter (where _outcome = 'quarantined') + {landed.rejected}, count(*) filter (where _belongs) + {landed.rejected}"
    bad, rows = connection.execute(f"select {share} from {work}").fetchone() or (0, 0)
    _refuse_above(contract, landed.file, bad, rows, "rows", _worst_rule(connection, work))
    for name in contract.money_columns:
        if name in feed.mapping.columns:
            amount = f"sum(abs({ident(name)}))"
            sums = connection.execute(f"select {amount} filter (where _outcome = 'quarantined'), {amount} filter (where _belongs) from {work}").fetchone()
            bad_money, money = sums or (0, 0)
            _refuse_above(contract, landed.file, float(bad_money or 0), float(money or 0), name, _worst_rule(connection, work))


def _refuse_above(contract: Contract, file: str, bad: float, total: float, what: str, worst: str) -> None:
    if total and bad / total > contract.max_quarantined:
        raise RefusedDelivery(
            f"too much of {contract.entity} would go to quarantine",
            where=file,
            found=f"{bad:g} of {total:g} {what} ({bad / total:.1%}), most of them: {worst}",
            expected=f"at most {contract.max_quarantined:.1%}",
            action="correct the export or its connector and run again; the last good data stands",
        )


def _worst_rule(connection: duckdb.DuckDBPyConnection, work: str) -> str:
    row = connection.execute(
        f"select _rule, min(_reason), count(*), min(_source_row) from {work} where _outcome = 'quarantined' group by 1 order by 3 desc, 1 limit 1"
    ).fetchone()
    return f"{row[0]} ({row[1]}; {row[2]} rows, first in row {row[3]})" if row else "rows that could not be read into columns"


def examples_json(examples: Sequence[str]) -> str:
    return json.dumps(list(examples), ensure_ascii=False)


def _scalar(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
