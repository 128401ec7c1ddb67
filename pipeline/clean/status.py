"""What is known of every source after the loads: coverage, freshness, undated rows, the company itself."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import duckdb

from pipeline.clean.sql import first_and_last_day, ident, text, texts
from pipeline.contracts import Contract, Contracts
from pipeline.errors import UserError
from pipeline.sources import Configuration, Covers
from pipeline.warehouse import Warehouse


@dataclass(frozen=True)
class Standing:
    """How one source stands for one entity: status, and since when and why it is stale."""

    status: str
    reason: str | None
    covered_from: date | None
    covered_to: date | None


def record_refused_file(
    warehouse: Warehouse,
    source: str,
    export: str,
    entity: str,
    namespace: str,
    file: str,
    reason: str,
    run_id: str,
    at: object,
    sha256: str = "",
    size: int | None = None,
) -> None:
    """Record a file that could not even be landed, as a refused delivery of one entity it feeds.

    `sha256` and `size` (bytes) are those of the file, where it could be opened at all.
    """
    with warehouse.transaction() as cursor:
        cursor.execute(
            "delete from ops.loads where source = ? and export = ? and entity = ? and load_id = ?",
            [source, export, entity, f"file:{file}"],
        )
        cursor.execute(
            """insert into ops.loads
               (load_id, source, export, entity, namespace, file, sha256, bytes, status, reason, run_id, loaded_at)
               values (?, ?, ?, ?, ?, ?, ?, ?, 'refused', ?, ?, ?)""",
            [f"file:{file}", source, export, entity, namespace, file, sha256 or None, size, reason, run_id, at],
        )


def withdraw_refusals(warehouse: Warehouse, source: str, export: str, present: set[str], unreadable: set[str]) -> None:
    """Withdraw refusals of deliveries that are no longer there: the file was corrected, replaced or taken away.

    `present` are the load ids of the files in the location, `unreadable` the files that could not be landed. A
    withdrawn delivery stays in landing and is not tried again unless its file comes back.
    """
    this = f"source = {text(source)} and export = {text(export)}"
    standing = texts([*sorted(present), *sorted(f"file:{file}" for file in unreadable), ""])
    with warehouse.transaction() as cursor:
        cursor.execute(f"delete from ops.loads where {this} and status = 'withdrawn' and load_id in ({standing})")
        cursor.execute(
            f"delete from ops.loads where {this} and load_id not in ({standing}) and starts_with(load_id, 'file:')"
        )
        cursor.execute(
            f"update ops.loads set status = 'withdrawn' where {this} and status = 'refused' and load_id not in ({standing})"
        )


def forget_unconfigured(warehouse: Warehouse, configuration: Configuration, contracts: Contracts) -> None:
    """Take the rows of feeds that sources.yml no longer has out of the clean tables; landing keeps the deliveries."""
    feeds = {(feed.source, feed.export, feed.entity) for feed in configuration.feeds()}
    loaded = set(warehouse.connection.execute("select distinct source, export, entity from ops.loads").fetchall())
    exports = {(feed.source, feed.export) for feed in configuration.feeds()}
    for source, export, entity in sorted(loaded - feeds):
        with warehouse.transaction() as cursor:
            load_rivals_again(cursor, source, export, entity)
            if (source, export) not in exports:
                cursor.execute("delete from ops.schema_changes where source = ? and export = ?", [source, export])
            if entity in contracts:
                cursor.execute(
                    f"delete from clean.{ident(contracts[entity].table)} where _source = ? and _export = ?",
                    [source, export],
                )
            # Nobody notes the days of rows that go this way
            cursor.execute("delete from ops.built_coverage")
            for table in ("ops.loads", "ops.check_results", "ops.corrections", "quarantine.rows"):
                cursor.execute(
                    f"delete from {table} where source = ? and export = ? and entity = ?", [source, export, entity]
                )
            cursor.execute(
                "delete from ops.reconciliation where starts_with(check_id, ?)", [f"{source}/{export}/{entity}/"]
            )


def load_rivals_again(cursor: duckdb.DuckDBPyConnection, source: str, export: str, entity: str) -> None:
    """Rows of other feeds that had given way to those of the feed that goes have to come back."""
    cursor.execute(
        """update ops.loads set recipe = null where entity = ? and status = 'loaded' and (source <> ? or export <> ?)
        and namespace in (select namespace from ops.loads where source = ? and export = ? and entity = ?)""",
        [entity, source, export, source, export, entity],
    )


def write_company(warehouse: Warehouse, configuration: Configuration, as_of: date) -> None:
    """Write ops.company and ops.headline as sources.yml tells them."""
    company = configuration.company
    with warehouse.transaction() as cursor:
        cursor.execute("delete from ops.company")
        cursor.execute("delete from ops.headline")
        cursor.execute(
            "insert into ops.company values (?, ?, ?, ?, ?, ?)",
            [
                company.name,
                company.time_zone,
                company.currency,
                company.fiscal_year_start,
                as_of,
                company.settling_days,
            ],
        )
        cursor.executemany(
            "insert into ops.headline values (?, ?)",
            [[rank, kpi] for rank, kpi in enumerate(configuration.file.headline, 1)],
        )


def write_source_status(
    warehouse: Warehouse, configuration: Configuration, contracts: Contracts, entities: Collection[str] = ()
) -> None:
    """Rewrite ops.source_status and ops.undated from the clean tables and ops.loads.

    Of these entities and of any that has no status yet; without `entities` of all.
    """
    feeding = sorted({(feed.entity, feed.source, feed.namespace) for feed in configuration.feeds()})
    with warehouse.transaction() as cursor:
        known = {entity for (entity,) in cursor.execute("select distinct entity from ops.source_status").fetchall()}
        meant = {*entities, *(set(contracts) - known)} if entities else {*contracts, *known}
        for table in ("source_status", "undated"):
            cursor.execute(f"delete from ops.{table} where list_contains(?, entity)", [sorted(meant)])
        for entity, source, namespace in feeding:
            if entity in meant:
                covers = configuration.file.sources[source].covers.get(entity, Covers())
                _write_one(cursor, contracts, entity, source, namespace, covers)
        for entity in sorted(meant & set(contracts) - {entity for entity, _, _ in feeding}):
            cursor.execute(
                "insert into ops.source_status (entity, status, reason) values (?, 'no_source', 'no source feeds it')",
                [entity],
            )


def _write_one(
    cursor: duckdb.DuckDBPyConnection, contracts: Contracts, entity: str, source: str, namespace: str, covers: Covers
) -> None:
    contract = contracts[entity]
    standing = _standing(cursor, contract, source, covers)
    last = cursor.execute(
        "select load_id, loaded_at from ops.loads where entity = ? and source = ? and status = 'loaded' order by loaded_at desc, load_id limit 1",
        [entity, source],
    ).fetchone() or (None, None)
    rows = cursor.execute(
        f"select count(*) from clean.{ident(contract.table)} where _source = ? and not _is_deleted", [source]
    ).fetchone() or (0,)
    bad = cursor.execute(
        "select count(*) from quarantine.rows where entity = ? and source = ?", [entity, source]
    ).fetchone() or (0,)
    stale_since = standing.covered_to if standing.status == "stale" else None
    cursor.execute(
        "insert into ops.source_status values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            source,
            entity,
            namespace,
            standing.covered_from,
            standing.covered_to,
            standing.status,
            stale_since,
            standing.reason,
            *last,
            rows[0],
            bad[0],
        ],
    )
    if contract.dated_by:
        cursor.execute(
            f"""insert into ops.undated select ?, ?, ?, count(*) from clean.{ident(contract.table)}
            where _source = ? and not _is_deleted and {ident(contract.dated_by[0])} is null having count(*) > 0""",
            [entity, source, contract.dated_by[0], source],
        )


def _standing(cursor: duckdb.DuckDBPyConnection, contract: Contract, source: str, covers: Covers) -> Standing:
    entity = contract.entity
    loaded = cursor.execute(
        "select 1 from ops.loads where entity = ? and source = ? and status = 'loaded' limit 1", [entity, source]
    ).fetchone()
    refused = cursor.execute(
        "select reason from ops.loads where entity = ? and source = ? and status = 'refused' order by loaded_at desc, file limit 1",
        [entity, source],
    ).fetchone()
    days = ", ".join(first_and_last_day(contract))
    row = cursor.execute(
        f"select {days} from clean.{ident(contract.table)} where _source = ? and not _is_deleted", [source]
    ).fetchone()
    first, last = row or (None, None)
    status = "no_source" if not loaded else "stale" if refused else "current"
    reason = refused[0] if refused else None if loaded else "nothing was loaded yet"
    if status == "no_source":
        return Standing(status, reason, None, None)
    return Standing(status, reason, covers.from_ or first, covers.to or last)


def unknown_covers(configuration: Configuration, contracts: Contracts) -> list[UserError]:
    """Entities with coverage said for them that have no date to cover."""
    return [
        UserError(
            "this entity has no date, so nothing can be covered",
            where=f"{configuration.path.name}, sources.{name}.covers",
            found=entity,
        )
        for name, source in configuration.file.sources.items()
        for entity in source.covers
        if entity in contracts and not contracts[entity].dated_by
    ]
