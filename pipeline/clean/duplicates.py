"""Which rows of a candidate repeat others: exact copies, older versions, conflicts over one key.

Keys are unique per namespace. Nothing is dropped without an outcome that is counted. Each delivery is judged by itself
first, then against those before it, so that deliveries loaded together end as they would one after the other.
"""

from collections.abc import Sequence

import duckdb

from pipeline.clean.outcome import Batch
from pipeline.clean.sql import ident, idents, text, texts

CONFLICT = "key:conflict"
APPEND_CONFLICT = "key:already_delivered"
GONE = "_gone"


def mark_repeated(connection: duckdb.DuckDBPyConnection, batch: Batch, later_loads: Sequence[str]) -> None:
    """Mark every row that is not to stand; of several that take one another's place the last stays clean.

    A row that is clean when it arrives and gives way to one of a later delivery of the batch is marked `_gives_way`: it
    has to be sound as well. `later_loads` are deliveries of the same export after these that were loaded before them.
    """
    _mark_alone(connection, batch)
    if batch.feed.write == "append":
        # What stands was delivered first, whatever these deliveries say among each other
        _mark_against_clean(connection, batch, later_loads)
        _mark_among(connection, batch, _first_stands(batch))
    else:
        _mark_among(connection, batch, _strongest_stands(batch))
        _mark_against_clean(connection, batch, later_loads)
    connection.execute(f"update {batch.work} set _outcome = 'deleted' where _outcome = 'clean' and {GONE}")


def settle(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Rows whose place another row of the batch takes, once it is known that all of them are sound."""
    connection.execute(f"update {batch.work} set _outcome = 'superseded' where _gives_way and {batch.is_kept}")


def _mark_alone(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Copies, older versions and conflicts within one delivery."""
    contract, work = batch.contract, batch.work
    keys, version = f"_load_id, {idents(contract.key)}", _version(batch)
    repeated = f"select {keys} from {work} where _outcome = 'clean' group by all having count(*) > 1"
    if connection.execute(f"select 1 from ({repeated}) limit 1").fetchone() is None:
        return
    connection.execute(f"""
        create or replace table candidate.marks as
        with copies as (
            select *, row_number() over (partition by _load_id, {_content(batch)} order by _source_row, _element) as copy
            from (
                select _row_id, _load_id, _source_row, _element, {_content(batch)}
                from {work} semi join ({repeated}) using ({keys}) where _outcome = 'clean'
            )
        ), versions as (
            select _row_id, {keys},
                dense_rank() over (partition by {keys} order by {f"{version} desc nulls last" if version else "1"}) as version_rank
            from copies where copy = 1
        ), rivals as (
            select _row_id, version_rank, count(*) over (partition by {keys}, version_rank) as rivals from versions
        )
        select _row_id, false as gives_way, false as is_contested, case
            when copy > 1 then 'duplicate' when version_rank > 1 then 'superseded'
            when rivals > 1 then {text(CONFLICT)} else 'clean' end as outcome
        from copies left join rivals using (_row_id)
    """)
    _mark(connection, batch)


def _mark_among(connection: duckdb.DuckDBPyConnection, batch: Batch, arrivals: str) -> None:
    """What becomes of rows of one key in several deliveries of the batch; `arrivals` is SQL over `rows`."""
    keys = idents(batch.contract.key)
    repeated = f"select {keys} from {batch.work} where _outcome = 'clean' group by all having count(*) > 1"
    if len(batch.deliveries) == 1 or connection.execute(f"select 1 from ({repeated}) limit 1").fetchone() is None:
        return
    connection.execute(f"""
        create or replace table candidate.marks as
        with rows as (
            select _row_id, {keys}, {_version(batch) or "null"} as _version, {batch.position} as _position,
                min(_row_id) over (partition by {_content(batch)}) as _content
            from {batch.work} semi join ({repeated}) using ({keys}) where _outcome = 'clean'
        )
        {arrivals}
    """)
    _mark(connection, batch)


def _first_stands(batch: Batch) -> str:
    """Of an appending export: a later row of the key is a copy, or in conflict."""
    first = f"first_value(_content) over (partition by {idents(batch.contract.key)} order by _position)"
    return f"""
        select _row_id, false as gives_way, false as is_contested, case
            when _content <> first then {text(APPEND_CONFLICT)} when _row_id = first_row then 'clean' else 'duplicate' end as outcome
        from (select *, {first} as first, {first.replace("_content", "_row_id")} as first_row from rows)
    """


def _strongest_stands(batch: Batch) -> str:
    """Each row against the strongest before it: the newest version, and of equal ones the last delivered."""
    keys = idents(batch.contract.key)
    before = f"(partition by {keys} order by _position rows between unbounded preceding and 1 preceding)"
    return f"""
        , ranked as (
            select *, row_number() over (partition by {keys} order by _version nulls first, _position) as strength from rows
        ), arrived as (
            select *, arg_max(_content, strength) over {before} as standing, max(strength) over {before} as strongest,
                arg_max(_version, strength) over {before} as standing_version
            from ranked
        ), ended as (
            select *, case when standing = _content then 'duplicate' when strength < strongest then 'superseded' else 'clean' end as outcome
            from arrived
        )
        select _row_id, outcome,
            outcome = 'clean' and _position < max(_position) filter (where outcome = 'clean') over (partition by {keys}) as gives_way,
            outcome = 'clean' and standing is not null and _version is not distinct from standing_version as is_contested
        from ended
    """


def _version(batch: Batch) -> str | None:
    """The version a row is of, where the contract has one and the mapping gives it."""
    version = batch.contract.version
    return ident(version) if version is not None and version in batch.feed.mapping.columns else None


def _content(batch: Batch) -> str:
    """All that two rows must have alike to be one."""
    return f"{idents(batch.contract.columns)}, {GONE}"


def _reasons(batch: Batch) -> dict[str, str]:
    keys = ", ".join(batch.contract.key)
    choice = f"none with a newer {batch.contract.version}" if _version(batch) else "and no version to choose by"
    return {
        CONFLICT: f"several rows with the same {keys} and different values, {choice}",
        APPEND_CONFLICT: f"a row with the same {keys} and different values was delivered before, and this export only appends",
    }


def _mark(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Put what candidate.marks says on rows; an outcome that is a rule means quarantine for its reason."""
    reasons = _reasons(batch)
    rules = texts(reasons)
    said = " ".join(f"when {text(rule)} then {text(reason)}" for rule, reason in reasons.items())
    connection.execute(f"""
        update {batch.work} set
            _outcome = case when m.outcome in ({rules}) then 'quarantined' else m.outcome end,
            _rule = case when m.outcome in ({rules}) then m.outcome end,
            _reason = case m.outcome {said} end,
            _gives_way = m.gives_way, _is_contested = m.is_contested
        from candidate.marks as m
        where {batch.work}._row_id = m._row_id and (m.outcome <> 'clean' or m.gives_way or m.is_contested)
    """)
    connection.execute("drop table candidate.marks")


def _mark_against_clean(connection: duckdb.DuckDBPyConnection, batch: Batch, later_loads: Sequence[str]) -> None:
    """Mark rows whose key stands in the clean table already: copies, older versions, conflicts of appended rows."""
    same_row = " and ".join(f"w.{ident(name)} is not distinct from c.{ident(name)}" for name in batch.contract.columns)
    # A row that came back after another of the batch had taken its place is no copy of the one that stands; and what
    # another source said is said again by the one that is believed
    is_copy = f"{same_row} and w.{GONE} = c._is_deleted and not w._is_contested"
    if batch.feed.is_primary:
        is_copy += f" and {_is_own(batch)}"
    conflict = text(APPEND_CONFLICT) if batch.feed.write == "append" else "'clean'"
    connection.execute(f"""
        create or replace table candidate.marks as
        select w._row_id, w._gives_way as gives_way, w._is_contested as is_contested, case
            when {is_copy} then 'duplicate'
            when {_is_older(batch, later_loads)} then 'superseded'
            else {conflict} end as outcome
        from {batch.work} as w inner join {batch.table} as c
            on {batch.same_key} and not ({batch.own_of("c")}) and not {batch.outdated_of("c")}
        where w._outcome = 'clean'
    """)
    _mark(connection, batch)


def _is_own(batch: Batch) -> str:
    return f"c._source = {text(batch.feed.source)}"


def _is_older(batch: Batch, later_loads: Sequence[str]) -> str:
    """Whether the delivered row loses against the clean one: by source, then version, then delivery.

    A row without a version is older than any with one: so one order holds of all rows, however they arrive.
    """
    version = _version(batch)
    later = f"c._load_id in ({texts(later_loads)})" if later_loads else "false"
    if version:
        new, old = f"w.{version}", f"c.{version}"
        is_older = f"{new} < {old} or ({new} is null and {old} is not null)"
        is_newer = f"{new} > {old} or ({old} is null and {new} is not null)"
        later = f"case when {is_older} then true when {is_newer} then false else {later} end"
    # What a snapshot no longer held and holds again is there again, however old its version
    back = "c._is_deleted" if batch.feed.write == "snapshot" else "false"
    own = _is_own(batch)
    return f"case when {own} and {back} then false when {own} then {later} else {'false' if batch.feed.is_primary else 'true'} end"


def loads_to_repeat(connection: duckdb.DuckDBPyConnection, batch: Batch, later_loads: Sequence[str]) -> frozenset[str]:
    """Later deliveries whose outcome the rows of these, which come late, may change: they are to be loaded again.

    Of an appending export those that hold a key of these. Else those with copies of rows that stand, if a row that
    stands is replaced: the copy had said it anew, which the row that stands does not show.
    """
    if not later_loads:
        return frozenset()
    feed, later = batch.feed, texts(later_loads)
    same = f"from {batch.work} as w inner join {batch.table} as c on {batch.same_key}"
    if feed.write == "append":
        found = f"""select distinct c._load_id {same} where c._load_id in ({later}) and {_is_own(batch)}
            and c._export = {text(feed.export)} and coalesce(w._rule, {text(APPEND_CONFLICT)}) = {text(APPEND_CONFLICT)}"""
    else:
        found = f"""select load_id from ops.loads where source = {text(feed.source)} and export = {text(feed.export)}
            and entity = {text(feed.entity)} and status = 'loaded' and rows_duplicate > 0 and load_id in ({later})
            and exists (select 1 {same} where not ({batch.own_of("c")}) and not {batch.outdated_of("c")}
                and w._outcome in ('clean', 'deleted'))"""
    return frozenset(str(row[0]) for row in connection.execute(found).fetchall())
