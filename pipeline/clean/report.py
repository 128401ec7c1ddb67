"""What is to be said of an entity after its loads: the verdicts that asset checks and messages show."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from pipeline.clean.sql import ident
from pipeline.contracts import Contract
from pipeline.sources import Feed


@dataclass(frozen=True)
class Verdict:
    """One check's verdict. is_critical: a failure must be known at once (exit code 3)."""

    is_passed: bool
    is_critical: bool
    text: str
    numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """Rows that stand and rows in quarantine of one entity, with the verdicts on its newest deliveries."""

    rows: int
    rows_quarantined: int
    suite: Verdict
    deliveries: Verdict


# The newest delivery of every export, and every refused one: older sound deliveries have had their say
_CURRENT = """
    select load_id, source, export, entity, file, status, reason from ops.loads where entity = ?
    qualify status = 'refused' or row_number() over (partition by source, export order by status = 'loaded' desc, loaded_at desc, file desc) = 1
"""


def entity_report(connection: duckdb.DuckDBPyConnection, contract: Contract) -> Report:
    """Report on one entity from its clean table, ops.loads and ops.check_results."""
    rows = _count(connection, f"select count(*) from clean.{ident(contract.table)} where not _is_deleted")
    quarantined = _count(connection, "select count(*) from quarantine.rows where entity = ?", contract.entity)
    return Report(rows, quarantined, _suite(connection, contract), _deliveries(connection, contract, quarantined))


def _suite(connection: duckdb.DuckDBPyConnection, contract: Contract) -> Verdict:
    """Fails where a rule of the contract did; critical unless all its bad rows were put into quarantine."""
    results = connection.execute(
        f"""select rule, severity, on_failure, r.reason, is_success, rows_checked, rows_unexpected, examples, file
        from ops.check_results as r inner join ({_CURRENT}) as current using (load_id, source, export, entity)
        where expectation like 'expect%' or expectation like 'unexpected%' order by file, rule""",
        [contract.entity],
    ).fetchall()
    failed = [row for row in results if not row[4]]
    critical = [row for row in failed if row[1] == "critical" and row[2] != "quarantine"]
    lines = [f"{row[8]}: {row[0]} ({row[1]}, {row[2]}): {row[6]} of {row[5]} rows {row[7]}; {row[3]}" for row in failed]
    numbers = {"rules": len(results), "rules failed": len(failed), "rows unexpected": sum(row[6] for row in failed)}
    return Verdict(not failed, bool(critical), "\n".join(lines), numbers)


def _deliveries(connection: duckdb.DuckDBPyConnection, contract: Contract, quarantined: int) -> Verdict:
    """Fails critically where a delivery was refused, as a warning where rows went to quarantine."""
    refused = connection.execute(
        "select reason from ops.loads where entity = ? and status = 'refused' order by loaded_at desc, file",
        [contract.entity],
    ).fetchall()
    # Reasons tell what was found, so a rule has many; that of the first row is shown
    rules = connection.execute(
        """select rule, first.reason, rows, first.file, first.row from (
            select rule, count(*) as rows, min({'file': file, 'row': source_row, 'reason': reason}) as first
            from quarantine.rows where entity = ? group by rule
        ) order by rows desc, rule""",
        [contract.entity],
    ).fetchall()
    lines = [str(row[0]) for row in refused]
    lines += [f"{row[2]} rows in quarantine by {row[0]} ({row[1]}), first {row[3]} row {row[4]}" for row in rules]
    numbers = {"deliveries refused": len(refused), "rows in quarantine": quarantined}
    return Verdict(not refused and not quarantined, bool(refused), "\n".join(lines), numbers)


def first_refusal(connection: duckdb.DuckDBPyConnection, feed: Feed) -> str | None:
    """Why the newest refused delivery of a feed was refused, if one stands refused."""
    row = connection.execute(
        "select reason from ops.loads where source = ? and export = ? and entity = ? and status = 'refused'"
        " order by loaded_at desc, file limit 1",
        [feed.source, feed.export, feed.entity],
    ).fetchone()
    return str(row[0]) if row else None


def _count(connection: duckdb.DuckDBPyConnection, sql: str, *parameters: str) -> int:
    row = connection.execute(sql, list(parameters)).fetchone()
    return int(row[0]) if row else 0
