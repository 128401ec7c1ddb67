"""Landing assets: one op a source, one asset and one check an export."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipeline.clean.status import record_refused_file, withdraw_refusals
from pipeline.extract import LandingResult, land
from pipeline.operate.project import Project
from pipeline.operate.session import Session

CHECK = "readable"


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
            kinds={export.read.format or "file", "parquet"},
            owners=["team:data"],
            description=f"One row per row of {export.files or export.request} in {project.configuration.file.sources[source].location}, "
            "as delivered: all text, never changed.",
            metadata={
                "feeds": ", ".join(export.entities),
                "connector": project.configuration.file.sources[source].connector,
            },
        )
        for name, export in exports.items()
    ]
    checks = [
        dg.AssetCheckSpec(CHECK, asset=landing_key(source, name), description="Every file could be read whole.")
        for name in exports
    ]

    @dg.multi_asset(
        name=f"land_{source}", specs=specs, check_specs=checks, can_subset=True, required_resource_keys={"warehouse"}
    )
    def land_source(context: dg.AssetExecutionContext) -> Iterator[Any]:
        session: Session = context.resources.warehouse
        session.begin_refresh()
        for name in exports:
            if landing_key(source, name) in context.selected_asset_keys:
                result = _land(session, source, name)
                yield dg.MaterializeResult(
                    landing_key(source, name), metadata=_metadata(result), check_results=[_check(source, name, result)]
                )

    return land_source


def _land(session: Session, source: str, name: str) -> LandingResult:
    configuration = session.project.configuration
    export = configuration.connectors[source].exports[name]
    settings, warehouse = session.project.settings, session.warehouse()
    result = land(
        warehouse.connection,
        source,
        name,
        export,
        configuration.location(source),
        settings.landing,
        landed_at=session.at,
        stable_seconds=settings.stable_seconds,
    )
    present = {delivery.load_id for delivery in result.deliveries}
    withdraw_refusals(warehouse, source, name, present, {one.file for one in result.refused})
    namespace = configuration.file.sources[source].namespace or source
    for refusal in result.refused:
        for entity in export.entities:
            record_refused_file(
                warehouse, source, name, entity, namespace, refusal.file, str(refusal.error), session.run_id, session.at
            )
    return result


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
