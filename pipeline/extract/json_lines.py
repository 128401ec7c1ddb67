"""Reads JSON records, one a line, into Parquet by DuckDB: all text, nothing changed on the way.

DuckDB's parser reads numbers as doubles: 1.10 would land as 1.1, and a price of twenty digits as another price. So
every number outside of texts is made a text before parsing, led by a mark no export holds, and the mark is taken away
afterwards. Whatever else its parser lets pass (trailing commas, doubled keys) the survey finds.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.extract.reader import ROWS, SOURCE_ROW
from pipeline.extract.structured import (
    USUAL_OBJECT_BYTES,
    first_line,
    identifier,
    literal,
    no_rows,
    unreadable,
    write_parquet,
)

# Unicode sets these aside for use within a program: no text that is exchanged has them
_MARKS = ("\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3")
_TEXT = r'"(?:[^"\\]|\\.)*"'
_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?"
# A comma before a bracket, and a record without one: a text is passed over whole
_MAYBE_TRAILING = r",[ \t\r\n]*[}\]]"
_WITHOUT_TRAILING = rf'(?s)(?:[^",]|{_TEXT}|,[ \t\r\n]*(?:[^ \t\r\n}}\]",]|{_TEXT}))*'
# What stands for a record that was rejected, so that lines and records keep the same number
REJECTED = "null"


@dataclass(frozen=True)
class Lines:
    """One JSON object a line; `longest` is the size in bytes of the longest one, so far as it is known."""

    path: Path
    file: str
    longest: int = 0


@dataclass(frozen=True)
class Survey:
    """What all records have together: their keys in order of first appearance, and a mark none of them holds.

    `is_sound` is False when a record is no object, has a doubled key or a trailing comma.
    """

    keys: tuple[str, ...]
    rows: int
    mark: str
    is_sound: bool


def survey(cursor: duckdb.DuckDBPyConnection, lines: Lines) -> Survey:
    """Look at every record; raises duckdb.InvalidInputException where one is no JSON."""
    query = f"""
        with numbered as ({_numbered(lines)}),
        shapes as materialized (
            select json_keys(json) as keys, min(n) as n, count(*) as records,
                bool_or({_IS_ODD}) as is_odd, bool_or({_has("".join(_MARKS))}) as is_marked
            from numbered where json <> '{REJECTED}' group by 1),
        places as (select n, unnest(keys) as key, generate_subscripts(keys, 1) as place from shapes),
        firsts as (select key, min((n, place)) as first from places group by 1)
        select
            (select coalesce(list(key order by first), []) from firsts),
            coalesce(sum(records), 0)::bigint,
            coalesce(bool_or(is_odd or len(keys) <> len(list_distinct(keys))), false),
            coalesce(bool_or(is_marked), false)
        from shapes"""
    ((keys, rows, is_odd, is_marked),) = cursor.execute(query).fetchall()
    return Survey(tuple(keys), rows, _free_mark(cursor, lines) if is_marked else _MARKS[0], not is_odd)


def _free_mark(cursor: duckdb.DuckDBPyConnection, lines: Lines) -> str:
    """The first mark that no record holds."""
    taken = ", ".join(f"bool_or({_has(mark)})" for mark in _MARKS)
    (found,) = cursor.execute(f"select {taken} from ({_numbered(lines)})").fetchall()
    free = [mark for mark, is_taken in zip(_MARKS, found, strict=True) if not is_taken]
    if not free:
        raise unreadable(lines.file, "every character Unicode sets aside for programs", "texts without them")
    return free[0]


def write_lines(
    cursor: duckdb.DuckDBPyConnection, lines: Lines, surveyed: Survey, columns: tuple[str, ...], folder: Path
) -> int:
    """Write these keys of every record as ROWS; returns how many there were, which are those surveyed."""
    if surveyed.rows == 0:
        raise no_rows(lines.file, "records")
    structure = literal(json.dumps(dict.fromkeys(columns, "VARCHAR"), ensure_ascii=False))
    cells = "".join(f"{_unmarked(name, surveyed.mark)} as {identifier(name)}, " for name in columns)
    query = f"""
        select {cells}n as {SOURCE_ROW}
        from (select from_json({_marked(surveyed.mark)}, {structure}) as record, n
            from ({_numbered(lines)}) where json <> '{REJECTED}')"""
    try:
        rows = write_parquet(cursor, query, folder / ROWS)
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        raise unreadable(lines.file, first_line(error), "JSON") from None
    if rows != surveyed.rows:
        raise unreadable(lines.file, f"{surveyed.rows} records, of which DuckDB reads {rows}", "JSON")
    return rows


def _numbered(lines: Lines) -> str:
    """Every line's text, untouched, with its number; DuckDB keeps the file's order for a row_number() without one."""
    size = max(USUAL_OBJECT_BYTES, lines.longest + 1)
    options = f"format = 'newline_delimited', maximum_object_size = {size}, compression = 'uncompressed'"
    source = f"read_json_objects({literal(str(lines.path))}, {options})"
    return f"select json, row_number() over () as n from {source}"


_HAS_DOUBLED_KEYS_INSIDE = """
    contains(substr(json, 2), '{')
    and len(list_filter(json_keys(json, '$.**'), lambda keys: len(keys) <> len(list_distinct(keys)))) > 0"""
_HAS_TRAILING_COMMA = f"""
    regexp_matches(json, {literal(_MAYBE_TRAILING)}) and not regexp_full_match(json, {literal(_WITHOUT_TRAILING)})"""
_IS_ODD = f"not starts_with(ltrim(json, ' \t\r'), '{{') or ({_HAS_DOUBLED_KEYS_INSIDE}) or ({_HAS_TRAILING_COMMA})"


def _has(marks: str) -> str:
    """Whether a text holds one of the marks, as it is or escaped."""
    escaped = "|".join(rf"\\u{ord(mark):04x}" for mark in marks)
    return f"regexp_matches(json, '[{marks}]|(?i:{escaped})')"


def _marked(mark: str) -> str:
    """The record with every number a text. What follows the last number is taken for an empty one, and cut off: else
    the search would go on from within it, and from within its texts.
    """
    pattern = rf'(?s)((?:[^"0-9-]|{_TEXT})*)({_NUMBER}|$)'
    every = rf"""regexp_replace(json, {literal(pattern)}, '\1"{mark}\2"', 'g')"""
    return f"""regexp_replace({every}, '"{mark}"$', '')"""


def _unmarked(name: str, mark: str) -> str:
    """A value as text: numbers as they were written, also those within nested values."""
    value = f"struct_extract(record, {literal(name)})"
    nested = rf"""regexp_replace({value}, '"{mark}([^"]*)"', '\1', 'g')"""
    return (
        f"case when starts_with({value}, '{mark}') then substr({value}, 2)"
        f" when contains({value}, '{mark}') then {nested} else {value} end"
    )
