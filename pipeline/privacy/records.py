"""Takes a forgotten person out of what is kept beside the clean tables: quarantine, examples, reasons, tracked keys."""

import json
from collections.abc import Callable, Mapping, Sequence

import duckdb

from pipeline.privacy.cells import Cells, Reading
from pipeline.privacy.clean_rows import LOAD_ID
from pipeline.privacy.forgotten import Forgotten
from pipeline.privacy.matching import Rows, cells_naming, erased_rows, readings_that_fit
from pipeline.privacy.scrub import scrubbed
from pipeline.privacy.sql import ident, text

# Free text of schema ops by the columns that hold it; examples are lists of values
_EXAMPLES = (("ops.check_results", "examples"), ("ops.corrections", "examples"))
_SENTENCES = (
    ("ops.loads", "reason"),
    ("ops.source_status", "reason"),
    ("ops.model_checks", "message"),
    ("quarantine.rows", "reason"),
)


def quarantined_rows(source: str, export: str, columns: Sequence[str]) -> Rows:
    """Quarantined rows of an export as columns of text again."""
    shape = text(json.dumps(dict.fromkeys(columns, "VARCHAR")))
    cells = ", ".join(f"cells.{ident(name)} as {ident(name)}" for name in columns)
    this = f"source = {text(source)} and export = {text(export)}"
    return Rows(
        f"select row_id, {cells} from (select row_id, from_json(raw, {shape}) as cells from quarantine.rows where {this})",
        tuple(columns),
        "row_id",
    )


def quarantined_columns(cursor: duckdb.DuckDBPyConnection, source: str, export: str) -> list[str]:
    rows = cursor.execute(
        "select distinct unnest(json_keys(raw)) as name from quarantine.rows where source = ? and export = ? order by name",
        [source, export],
    )
    return [str(row[0]) for row in rows.fetchall()]


def erase_quarantined(
    cursor: duckdb.DuckDBPyConnection,
    source: str,
    export: str,
    readings: Callable[[Sequence[str]], Sequence[Reading]],
    forgotten: Forgotten,
) -> int:
    """Erase the person from the raw rows of an export in quarantine; returns how many were theirs."""
    columns = quarantined_columns(cursor, source, export)
    known = readings(columns)
    if not columns or not known:
        return 0
    rows = quarantined_rows(source, export, columns)
    fitting = readings_that_fit(cursor, rows, known)
    used = {name for one in fitting for name in one.shared.union(*(column.reads for column in one.columns))}
    unread = [name for name in columns if name not in used and name not in ("line", "raw")]
    changed: dict[object, Cells] = cells_naming(cursor, rows, forgotten) if "raw" in columns or not fitting else {}
    for row, cells in erased_rows(cursor, rows, fitting, unread, forgotten).items():
        changed[row] = changed.get(row, {}) | cells
    for row_id, cells in changed.items():
        _put(cursor, str(row_id), cells)
    return len(changed)


def _put(cursor: duckdb.DuckDBPyConnection, row_id: str, cells: Mapping[str, str | None]) -> None:
    for (raw,) in cursor.execute("select distinct raw from quarantine.rows where row_id = ?", [row_id]).fetchall():
        standing = json.loads(raw)
        new = standing | {name: value for name, value in cells.items() if name in standing}
        cursor.execute(
            "update quarantine.rows set raw = ? where row_id = ? and raw = ?",
            [json.dumps(new, ensure_ascii=False), row_id, raw],
        )


def erase_mentions(cursor: duckdb.DuckDBPyConnection, values: Sequence[str], token: str) -> None:
    """Take the values out of examples and sentences, and let the stand-in be the key that is tracked."""
    for value in values:
        for table, column in _EXAMPLES:
            cursor.execute(
                f"update {table} set {column} = '[]' where contains(lower({column}), lower({text(json.dumps(value, ensure_ascii=False)[1:-1])}))"
            )
        for table, column in _SENTENCES:
            _scrub(cursor, table, column, value)
        cursor.execute("update ops.changed_keys set key = ? where lower(trim(key)) = lower(trim(?))", [token, value])


def _scrub(cursor: duckdb.DuckDBPyConnection, table: str, column: str, value: str) -> None:
    found = cursor.execute(
        f"select distinct {column} from {table} where contains(lower({column}), lower(?))", [value]
    ).fetchall()
    for (sentence,) in found:
        new = scrubbed(sentence, value)
        if new != sentence:
            cursor.execute(f"update {table} set {column} = ? where {column} = ?", [new, sentence])


def note_forgotten(cursor: duckdb.DuckDBPyConnection, at: object, run_id: str, rows: Mapping[str, int]) -> None:
    """One record per entity the person was erased from; it does not say who. The next build makes all tables anew."""
    cursor.execute("delete from ops.built_coverage")
    for entity, count in rows.items():
        cursor.execute(
            "insert into ops.deletions (deleted_at, kind, entity, load_id, rows, reason, run_id) values (?, ?, ?, ?, ?, ?, ?)",
            [at, "forgotten", entity, LOAD_ID, count, "a person asked to be forgotten", run_id],
        )
