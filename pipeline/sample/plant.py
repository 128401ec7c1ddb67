"""Planting dirt into an export's text rows, and counting what each delivery then holds.

Which rows are hit is drawn per file: its export's spoiled_share of rows at most end in quarantine, about 3 %
(in a small file more, so that most kinds occur) are repaired, repeated, late or merely warned about. Kinds take
turns, and every file begins with another.
"""

import duckdb

from pipeline.sample.exports import Export
from pipeline.sample.kinds import BROKEN_LINE, KINDS, Kind

OTHER_SHARE = 0.03
# A small file has room for one kind more per so many rows
ROWS_PER_KIND = 5


def plant(connection: duckdb.DuckDBPyConnection, export: Export, *, turn: int = 0) -> list[str]:
    """Make the table out_<export> from text_<export>; returns the names of its files, in order of delivery.

    `turn`: how many files of this export were written before. Adds to planted, spoiled and deliveries what a loader
    has to find.
    """
    kinds = KINDS[export.name]
    _choose(connection, export, kinds, turn)
    _compose(connection, export, (*kinds, BROKEN_LINE))
    _tally(connection, export)
    files = connection.execute(f"select distinct _file from out_{export.name} order by all").fetchall()
    return [row[0] for row in files]


def _choose(connection: duckdb.DuckDBPyConnection, export: Export, kinds: tuple[Kind, ...], turn: int) -> None:
    """The table chosen: one row per hit row with its kind."""
    lost = [kind.name for kind in kinds if kind.outcome == "quarantined" and not kind.is_chosen]
    others = [kind.name for kind in kinds if kind.outcome != "quarantined" and not kind.is_chosen]
    moving = [kind.name for kind in kinds if kind.moves]
    budget = _lost_budget(export, kinds)
    connection.execute(
        f"""
        create or replace table chosen as
        with sizes as (
            select _file, count(*) as n, count(*) filter (where _forced = {_text(BROKEN_LINE.name)}) as forced,
                {turn} + row_number() over (order by _file) as file_no
            from text_{export.name} group by _file
        ), ranked as (
            select _no, _file, _next_file, row_number() over (partition by _file order by mixed(90, _no), _no) as slot
            from text_{export.name} where _eligible and _forced is null
        ), budgets as (
            select *, {budget} as lost,
                greatest(floor(n * {OTHER_SHARE})::bigint + 1, least({len(others)}, n // {ROWS_PER_KIND})) as others
            from sizes
        ), named as (
            select ranked.*, case
                when slot <= lost then list_extract({_list(lost)}, (slot + file_no - 2) % {max(len(lost), 1)} + 1)
                when slot <= lost + others
                    then list_extract({_list(others)}, (slot + file_no - 2) % {len(others)} + 1)
            end as _hit
            from ranked inner join budgets using (_file)
        )
        select _no, _hit from named
        where _hit is not null and (_next_file is not null or not list_contains({_list(moving)}, _hit))
        union all
        select _no, _forced from text_{export.name} where _forced is not null
        """
    )


def _lost_budget(export: Export, kinds: tuple[Kind, ...]) -> str:
    """SQL of the number of rows of a file that may end in quarantine; sheets people type have no limit."""
    if not any(kind.outcome == "quarantined" for kind in kinds):
        return "0"
    if export.source == "planning":
        return str(sum(kind.outcome == "quarantined" for kind in kinds))
    doubled = 2 if any(kind.outcome == "quarantined" and kind.beside is not None for kind in kinds) else 1
    return f"greatest(floor(n * {export.spoiled_share} / {doubled})::bigint - forced, 0)"


def _compose(connection: duckdb.DuckDBPyConnection, export: Export, kinds: tuple[Kind, ...]) -> None:
    """The table out_<export>: rows with their changes, and the rows that stand beside them."""
    described = connection.execute(f"describe text_{export.name}").fetchall()
    headers = [row[0] for row in described if not row[0].startswith("_")]
    lost = _names(kinds, "quarantined")
    base = {kind.name: kind.cells for kind in kinds}
    beside = {kind.name: kind.beside for kind in kinds if kind.beside is not None}
    twins = ", ".join(_text(name) for name in beside) or "''"
    connection.execute(f"""
        create or replace table out_{export.name} as
        with hit as (
            select * from text_{export.name} left join chosen using (_no)
        )
        select {_changed([*headers, "_file"], base)}, _sort, 0 as _copy, _no, _key, _hit, _replaces,
            case when _hit in ({lost}) then 'quarantined' else 'clean' end as _result
        from hit
        union all
        select {_changed(headers, beside)},
            case when _hit in ({_names(kinds, "resent")}) then _next_file else _file end, _sort, 1, _no, _key, _hit,
            _replaces or _hit in ({_names(kinds, "resent")}),
            case when _hit in ({lost}) then 'quarantined' when _hit in ({_names(kinds, "duplicate")}) then 'duplicate'
                when _hit in ({_names(kinds, "superseded")}) then 'superseded' else 'clean' end
        from hit where _hit in ({twins})
    """)


def _names(kinds: tuple[Kind, ...], outcome: str) -> str:
    return ", ".join(_text(kind.name) for kind in kinds if kind.outcome == outcome) or "''"


def _changed(columns: list[str], changes: dict[str, dict[str, str]]) -> str:
    """A select list of the columns, each changed where a kind changes it."""
    return ", ".join(_one_changed(column, changes) for column in columns)


def _one_changed(column: str, changes: dict[str, dict[str, str]]) -> str:
    branches = [f"when {_text(kind)} then {cells[column]}" for kind, cells in changes.items() if column in cells]
    if not branches:
        return f'"{column}"'
    return f'case _hit {" ".join(branches)} else "{column}" end as "{column}"'


def _tally(connection: duckdb.DuckDBPyConnection, export: Export) -> None:
    """Add this export's planted rows, rows in quarantine and deliveries to what is known."""
    outcomes = {kind.name: kind.outcome for kind in (*KINDS[export.name], BROKEN_LINE)}
    branches = " ".join(f"when {_text(name)} then {_text(outcome)}" for name, outcome in outcomes.items())
    name, entity = _text(export.name), _text(export.entity)
    connection.execute(f"""
        insert into planted
        select {name}, _file, _hit, case _hit {branches} end, _no, _key from out_{export.name}
        where _hit is not null and _copy = 0
    """)
    connection.execute(f"""
        insert into spoiled select {name}, _no from out_{export.name} where _result = 'quarantined' and _copy = 0
    """)
    connection.execute(f"""
        insert into deliveries
        with newer as (select _key as newer_key from out_{export.name} where _replaces and _result = 'clean')
        select _file, {name}, {entity}, count(*), count(*) filter (where _result = 'clean'),
            count(*) filter (where _result = 'quarantined'), count(*) filter (where _result = 'duplicate'),
            count(*) filter (where _result = 'superseded'), count(*) filter (where _replaces and _result = 'clean'),
            count(newer_key) filter (where not _replaces and _result = 'clean')
        from out_{export.name} left join newer on newer_key = _key group by _file
    """)


def _list(values: list[str]) -> str:
    return f"[{', '.join(_text(value) for value in values)}]::varchar[]"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
