"""Which rows of a candidate repeat others: exact copies, older versions, conflicts over one key.

Keys are unique per namespace. Nothing is dropped without an outcome that is counted.
"""

from collections.abc import Sequence

import duckdb

from pipeline.clean.outcome import Batch
from pipeline.clean.sql import ident, idents, text, texts

CONFLICT = "key:conflict"
APPEND_CONFLICT = "key:already_delivered"


def mark_within(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Mark copies, superseded versions and key conflicts within the batch, later deliveries after earlier ones."""
    contract, work = batch.contract, batch.work
    keys = idents(contract.key)
    repeated = f"select {keys} from {work} where _outcome = 'clean' group by all having count(*) > 1"
    if connection.execute(f"select 1 from ({repeated}) limit 1").fetchone() is None:
        return
    connection.execute(f"""
        create or replace table candidate.repeated as
        with copies as (
            select *, row_number() over (partition by {idents(contract.columns)} order by _position, _source_row, _element) as copy
            from (
                select _row_id, _source_row, _element, {batch.position} as _position, {idents(contract.columns)}
                from {work} semi join ({repeated}) using ({keys}) where _outcome = 'clean'
            )
        ), versions as (
            select _row_id, {keys}, _position, min(_position) over (partition by {keys}) as first_position,
                dense_rank() over (partition by {keys} order by {_newest_first(batch)}) as version_rank
            from copies where copy = 1
        ), rivals as (
            select _row_id, version_rank, _position > first_position as is_later,
                count(*) over (partition by {keys}, version_rank) as rivals
            from versions
        )
        select _row_id, case
            when copy > 1 then 'duplicate'
            when version_rank = 1 and rivals = 1 then 'clean'
            when version_rank = 1 then '{CONFLICT}'
            when is_later and {"true" if batch.feed.write == "append" else "false"} then '{APPEND_CONFLICT}'
            else 'superseded' end as outcome
        from copies left join rivals using (_row_id)
    """)
    _mark(connection, work, "candidate.repeated", _reasons(batch))


def _newest_first(batch: Batch) -> str:
    """The order in which rows of one key win: of an appending export the first delivery, else newest version, last delivery."""
    version = batch.contract.version if batch.contract.version in batch.feed.mapping.columns else None
    by_version = f"{ident(version)} desc nulls last" if version else "1"
    return f"_position, {by_version}" if batch.feed.write == "append" else f"{by_version}, _position desc"


def _reasons(batch: Batch) -> dict[str, str]:
    keys = ", ".join(batch.contract.key)
    version = batch.contract.version if batch.contract.version in batch.feed.mapping.columns else None
    choice = f"none with a newer {version}" if version else "and no version to choose by"
    return {
        CONFLICT: f"several rows with the same {keys} and different values, {choice}",
        APPEND_CONFLICT: f"a row with the same {keys} and different values was delivered before, and this export only appends",
    }


def _mark(connection: duckdb.DuckDBPyConnection, work: str, marks: str, reasons: dict[str, str]) -> None:
    """Put outcomes on rows; an outcome that is a rule means quarantine for its reason."""
    rules = texts(reasons)
    said = " ".join(f"when {text(rule)} then {text(reason)}" for rule, reason in reasons.items())
    connection.execute(f"""
        update {work} set
            _outcome = case when m.outcome in ({rules}) then 'quarantined' else m.outcome end,
            _rule = case when m.outcome in ({rules}) then m.outcome end,
            _reason = case m.outcome {said} end
        from {marks} as m where {work}._row_id = m._row_id and m.outcome <> 'clean'
    """)
    connection.execute(f"drop table {marks}")


def mark_against_clean(connection: duckdb.DuckDBPyConnection, batch: Batch, later_loads: Sequence[str]) -> None:
    """Mark rows whose key stands in the clean table already: copies, older versions, conflicts of appended rows.

    `later_loads` are deliveries of the same export after these, loaded before them (a mapping changed, say).
    """
    same_row = " and ".join(f"w.{ident(name)} is not distinct from c.{ident(name)}" for name in batch.contract.columns)
    conflict = text(APPEND_CONFLICT) if batch.feed.write == "append" else "'clean'"
    connection.execute(f"""
        create or replace table candidate.known as
        select w._row_id, case
            when {same_row} and not c._is_deleted then 'duplicate'
            when {_is_older(batch, later_loads)} then 'superseded'
            else {conflict} end as outcome
        from {batch.work} as w inner join {batch.table} as c
            on {batch.same_key} and not ({batch.own_of("c")}) and not {batch.outdated_of("c")}
        where w._outcome = 'clean'
    """)
    _mark(connection, batch.work, "candidate.known", _reasons(batch))


def _is_older(batch: Batch, later_loads: Sequence[str]) -> str:
    """Whether the delivered row loses against the clean one: by source, then version, then delivery."""
    contract, feed = batch.contract, batch.feed
    later = f"c._load_id in ({texts(later_loads)})" if later_loads else "false"
    if contract.version in feed.mapping.columns:
        new, old = f"w.{ident(str(contract.version))}", f"c.{ident(str(contract.version))}"
        later = f"case when {new} < {old} then true when {new} > {old} then false else {later} end"
    # What a snapshot no longer held and holds again is there again, however old its version
    back = "c._is_deleted" if feed.write == "snapshot" else "false"
    own_source = f"c._source = {text(feed.source)}"
    return f"case when {own_source} and {back} then false when {own_source} then {later} else {'false' if feed.is_primary else 'true'} end"
