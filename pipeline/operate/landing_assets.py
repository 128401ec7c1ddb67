"""Landing assets: one op a source, one asset and one check an export."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import dagster as dg

from pipeline.clean.schema_changes import record_schema_changes, schema_change_lines
from pipeline.clean.status import record_refused_file, withdraw_refusals
from pipeline.errors import RefusedDelivery
from pipeline.extract import LandingResult, SchemaChange, changes_of
from pipeline.extract.http import Client
from pipeline.operate.delivering import conversation, deliver, described, kinds
from pipeline.operate.privacy import keep_people_out, prepare_landing
from pipeline.operate.project import Project
from pipeline.operate.session import Session
from pipeline.warehouse import Warehouse

CHECK, COLUMNS = "readable", "columns"


def landing_key(source: str, export: str) -> dg.AssetKey:
    return dg.AssetKey(["landing", source, export])


def make_landing_assets(project: Project) -> list[dg.AssetsDefinition]:
    return [_source_assets(project, source) for source in project.configuration.connectors]


def _source_assets(project: Project, source: str) -> dg.AssetsDefinition:
    exports = project.configuration.connectors[source].exports
    specs = [
        dg.AssetSpec(
            landing_key(source, name),
            group_name="landing",
            kinds=kinds(export),
            owners=["team:data"],
            description=f"One row per row of {described(project, source, export)}, as delivered: all text, never changed.",
            metadata={
                "feeds": ", ".join(export.entities),
                "connector": project.configuration.file.sources[source].connector,
            },
        )
        for name, export in exports.items()
    ]
    checks = [
        dg.AssetCheckSpec(check, asset=landing_key(source, name), description=description)
        for name in exports
        for check, description in (
            (CHECK, "Every file could be read whole."),
            (COLUMNS, "The columns are those of the delivery before."),
        )
    ]

    @dg.multi_asset(
        name=f"land_{source}", specs=specs, check_specs=checks, can_subset=True, required_resource_keys={"warehouse"}
    )
    def land_source(context: dg.AssetExecutionContext) -> Iterator[Any]:
        session: Session = context.resources.warehouse
        session.begin_refresh()
        with conversation(project, source, context.log.info) as client:
            for name in exports:
                if landing_key(source, name) in context.selected_asset_keys:
                    result = _land(session, source, name, client)
                    yield dg.MaterializeResult(
                        landing_key(source, name),
                        metadata=_metadata(result),
                        check_results=[
                            _check(source, name, result),
                            _columns_check(source, name, result, exports[name].schema_mode),
                        ],
                    )

    return land_source


def _land(session: Session, source: str, name: str, client: Client | RefusedDelivery | None) -> LandingResult:
    configuration = session.project.configuration
    export = configuration.connectors[source].exports[name]
    warehouse = session.warehouse()
    prepare_landing(session.project, warehouse.connection, source, name)
    result = deliver(session, source, name, client)
    keep_people_out(session.project, warehouse.connection, source, name)
    present = {delivery.load_id for delivery in result.deliveries}
    withdraw_refusals(warehouse, source, name, present, {one.file for one in result.refused})
    namespace = configuration.file.sources[source].namespace or source
    for refusal in result.refused:
        for entity in export.entities:
            record_refused_file(
                warehouse, source, name, entity, namespace, refusal.file, str(refusal.error), session.run_id, session.at,
                refusal.sha256, refusal.bytes or None,
            )  # fmt: skip
    result = replace(result, changes=_changes(warehouse, source, name, result))
    mode = export.schema_mode
    record_schema_changes(warehouse, source, name, mode, result.changes, present, session.run_id, session.at)
    return result


def _changes(warehouse: Warehouse, source: str, name: str, result: LandingResult) -> list[SchemaChange]:
    """How columns changed, of files read just now and of those landed by a run that did not live to record it."""
    loaded = "select distinct load_id from ops.loads where source = ? and export = ?"
    known = {row[0] for row in warehouse.connection.execute(loaded, [source, name]).fetchall()}
    known |= {one.load_id for one in result.changes}
    return [
        *result.changes,
        *(seen for one in result.deliveries if one.load_id not in known for seen in changes_of(one)),
    ]


def _metadata(result: LandingResult) -> dict[str, Any]:
    return {
        "files": len(result.deliveries),
        "new files": len(result.new),
        "dagster/row_count": sum(one.rows for one in result.deliveries),
        "bytes": sum(one.bytes for one in result.deliveries),
        "new load ids": ", ".join(one.load_id for one in result.new),
        "notes": "; ".join(result.notes),
    }


def _check(source: str, name: str, result: LandingResult) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=landing_key(source, name),
        check_name=CHECK,
        passed=not result.refused,
        severity=dg.AssetCheckSeverity.ERROR,
        description="\n".join(str(one.error) for one in result.refused) or None,
        metadata={"files refused": len(result.refused), "files read": len(result.deliveries)},
    )


def _columns_check(source: str, name: str, result: LandingResult, schema_mode: str) -> dg.AssetCheckResult:
    """A warning: what the connector does not accept is refused, and told by the other check."""
    return dg.AssetCheckResult(
        asset_key=landing_key(source, name),
        check_name=COLUMNS,
        passed=not result.changes,
        severity=dg.AssetCheckSeverity.WARN,
        description="\n".join(schema_change_lines(result.changes, schema_mode)) or None,
        metadata={"changes": len(result.changes)},
    )
