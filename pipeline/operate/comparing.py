"""The asset ops/reconciliation: what two systems tell of the same thing, compared once everything is loaded."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipeline.clean.cross_system import compare_systems, differences
from pipeline.operate.clean_assets import clean_key
from pipeline.operate.project import Project
from pipeline.operate.session import Session

RECONCILIATION = dg.AssetKey(["ops", "reconciliation"])
CHECK = "systems_agree"


def make_comparing_asset(project: Project) -> dg.AssetsDefinition:
    entities = sorted({side.entity for one in project.reconciliation.comparisons for side in one.sides})

    @dg.asset(
        key=RECONCILIATION,
        deps=[clean_key(entity) for entity in entities],
        group_name="ops",
        kinds={"duckdb"},
        owners=["team:data"],
        required_resource_keys={"warehouse"},
        check_specs=[
            dg.AssetCheckSpec(CHECK, asset=RECONCILIATION, description="Two systems tell the same, within a tolerance.")
        ],
        description="One row per comparison of two counts or sums that should agree, and per month compared.",
    )
    def reconciliation(context: dg.AssetExecutionContext) -> Iterator[Any]:
        session: Session = context.resources.warehouse
        compared = compare(session)
        found = [str(one) for one in differences(session.warehouse().connection)]
        check = dg.AssetCheckResult(
            asset_key=RECONCILIATION,
            check_name=CHECK,
            passed=not found,
            severity=dg.AssetCheckSeverity.WARN,
            description="\n".join(found) or None,
            metadata={"comparisons": compared, "differing": len(found)},
        )
        yield dg.MaterializeResult(metadata={"comparisons": compared, "differing": len(found)}, check_results=[check])

    return reconciliation


def compare(session: Session) -> int:
    """Compare what is loaded now; returns how many comparisons both sides of which are fed."""
    project = session.project
    return compare_systems(
        session.warehouse(), project.reconciliation, project.configuration.file.tolerances, project.contracts
    )
