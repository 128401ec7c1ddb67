"""Which rows of a candidate repeat others: exact copies, older versions, conflicts over one key.

Keys are unique per namespace. Nothing is dropped without an outcome that is counted.
"""

import duckdb

from pipeline.clean.sql import ident, idents, text, texts
from pipeline.contracts import Contract
from pipeline.sources import Feed

CONFLICT = "key:conflict"
APPEND_CONFLICT = "key:already_delivered"


def mark_within(connection: duckdb.DuckDBPyConnection, work: str, contract: Contract, feed: Feed) -> None:
    """Mark copies, superseded versions and key conflicts within the delivery itself."""
    keys = idents(contract.key)
    repeated = f"select {keys} from {work} where _outcome = 'clean' group by all having count(*) > 1"
    if connection.execute(f"select 1 from ({repeated}) limit 1").fetchone() is None:
        return
    version = contract.version if contract.version in feed.mapping.columns else None
    newest = f"{ident(version)} desc nulls last" if version else "1"
    connection.execute(f"""
        create or replace table candidate.repeated as
        with copies as (
            select _source_row, {idents(contract.columns)},
                row_number() over (partition by {idents(contract.columns)} order by _source_row) as copy
            from {work} semi join ({repeated}) using ({keys}) where _outcome = 'clean'
        ), versions as (
            select _source_row, {keys}, dense_rank() over (partition by {keys} order by {newest}) as version_rank
            from copies where copy = 1
        ), rivals as (
            select _source_row, version_rank, count(*) over (partition by {keys}, version_rank) as rivals from versions
        )
        select _source_row, case
            when copy > 1 then 'duplicate'
            when version_rank > 1 then 'superseded'
            when rivals > 1 then 'quarantined'
            else 'clean' end as outcome
        from copies left join rivals using (_source_row)
    """)
    other = f"several rows with the same {', '.join(contract.key)} and different values" + (
        f", none with a newer {version}" if version else ", and no version to choose by"
    )
    connection.execute(f"""
        update {work} set _outcome = r.outcome,
            _rule = case when r.outcome = 'quarantined' then {text(CONFLICT)} end,
            _reason = case when r.outcome = 'quarantined' then {text(other)} end
        from candidate.repeated as r where {work}._source_row = r._source_row and r.outcome <> 'clean'
    """)
    connection.execute("drop table candidate.repeated")


def mark_against_clean(
    connection: duckdb.DuckDBPyConnection, work: str, contract: Contract, feed: Feed, load_id: str, later_loads: list[str]
) -> None:
    """Mark rows whose key stands in the clean table already: copies, older versions, conflicts of appended rows.

    `later_loads` are deliveries of the same export after this one, loaded before it (a mapping changed, say).
    """
    same_key = " and ".join(f"w.{ident(key)} = c.{ident(key)}" for key in contract.key)
    same_row = " and ".join(f"w.{ident(name)} is not distinct from c.{ident(name)}" for name in contract.columns)
    own = f"c._load_id = {text(load_id)} and c._source = {text(feed.source)} and c._export = {text(feed.export)}"
    conflict = "'quarantined'" if feed.write == "append" else "'clean'"
    connection.execute(f"""
        create or replace table candidate.known as
        select w._source_row, case
            when {same_row} and not c._is_deleted then 'duplicate'
            when {_is_older(contract, feed, later_loads)} then 'superseded'
            else {conflict} end as outcome
        from {work} as w inner join clean.{ident(contract.table)} as c
            on c._namespace = {text(feed.namespace)} and {same_key} and not ({own})
        where w._outcome = 'clean'
    """)
    reason = f"a row with the same {', '.join(contract.key)} and different values was delivered before, and this export only appends"
    connection.execute(f"""
        update {work} set _outcome = k.outcome,
            _rule = case when k.outcome = 'quarantined' then {text(APPEND_CONFLICT)} end,
            _reason = case when k.outcome = 'quarantined' then {text(reason)} end
        from candidate.known as k where {work}._source_row = k._source_row and k.outcome <> 'clean'
    """)
    connection.execute("drop table candidate.known")


def _is_older(contract: Contract, feed: Feed, later_loads: list[str]) -> str:
    """Whether the delivered row loses against the clean one: by source, then version, then delivery."""
    later = f"c._load_id in ({texts(later_loads)})" if later_loads else "false"
    own_source = f"c._source = {text(feed.source)}"
    if contract.version in feed.mapping.columns:
        new, old = f"w.{ident(str(contract.version))}", f"c.{ident(str(contract.version))}"
        later = f"case when {new} < {old} then true when {new} > {old} then false else {later} end"
    return f"case when {own_source} then {later} else {'false' if feed.is_primary else 'true'} end"
