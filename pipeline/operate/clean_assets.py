"""Clean assets: one op a domain, one asset an entity, with its suite and its deliveries as checks."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline.clean.outcome import LoadOutcome
from pipeline.clean.report import Report, entity_report, first_refusal
from pipeline.clean.status import write_source_status
from pipeline.contracts import SQL_TYPES, Contract
from pipeline.errors import UserError
from pipeline.operate.landing_assets import landing_key
from pipeline.operate.loading import load_entity
from pipeline.operate.project import Project
from pipeline.operate.session import Session
from pipeline.validate import SuiteResult, write_data_docs

SUITE, DELIVERIES = "suite", "deliveries"


def clean_key(entity: str) -> dg.AssetKey:
    return dg.AssetKey(["clean", *entity.split(".")])


def make_clean_assets(project: Project) -> list[dg.AssetsDefinition]:
    domains = sorted({project.contracts[entity].domain for entity in project.contracts})
    return [_domain_assets(project, domain) for domain in domains]


def _domain_assets(project: Project, domain: str) -> dg.AssetsDefinition:
    contracts = [one for one in project.contracts.values() if one.domain == domain]

    @dg.multi_asset(
        name=f"clean_{domain}",
        specs=[_spec(project, contract) for contract in contracts],
        check_specs=[spec for contract in contracts for spec in _check_specs(contract)],
        can_subset=True,
        required_resource_keys={"warehouse"},
    )
    def clean_domain(context: dg.AssetExecutionContext) -> Iterator[Any]:
        session: Session = context.resources.warehouse
        session.begin_refresh()
        chosen = [one for one in contracts if clean_key(one.entity) in context.selected_asset_keys]
        suites: dict[str, SuiteResult] = {}
        outcomes = {one.entity: load_entity(session, one, project.feeds_of(one.entity), suites) for one in chosen}
        if suites:
            write_data_docs(list(suites.values()), project.settings.data_docs)
        entities = [one.entity for one in chosen]
        write_source_status(session.warehouse(), project.configuration, project.contracts, entities)
        for contract in chosen:
            report = entity_report(session.warehouse().connection, contract)
            docs = project.settings.data_docs / f"{contract.entity}.html"
            yield _result(contract, report, outcomes[contract.entity], docs)
        _stop_where_told(session, chosen)

    return clean_domain


def _spec(project: Project, contract: Contract) -> dg.AssetSpec:
    feeds = project.feeds_of(contract.entity)
    columns = [
        dg.TableColumn(name, SQL_TYPES[column.type], column.description) for name, column in contract.columns.items()
    ]
    return dg.AssetSpec(
        clean_key(contract.entity),
        deps=[landing_key(feed.source, feed.export) for feed in feeds],
        group_name=f"clean_{contract.domain}",
        kinds={"great_expectations", "duckdb"},
        owners=["team:data"],
        description=contract.row,
        metadata={"dagster/column_schema": dg.TableSchema(columns), "key": ", ".join(contract.key)},
    )


def _check_specs(contract: Contract) -> list[dg.AssetCheckSpec]:
    key = clean_key(contract.entity)
    return [
        dg.AssetCheckSpec(SUITE, asset=key, description=f"The Great Expectations suite of {contract.entity}."),
        dg.AssetCheckSpec(DELIVERIES, asset=key, description="Every delivery was loaded; rows and money add up."),
    ]


def _result(contract: Contract, report: Report, outcomes: list[LoadOutcome], docs: Path) -> dg.MaterializeResult[None]:
    key = clean_key(contract.entity)
    counts = {"dagster/row_count": report.rows, "rows in quarantine": report.rows_quarantined}
    loads = {status: sum(one.status == status for one in outcomes) for status in ("loaded", "refused", "known")}
    checks = [
        dg.AssetCheckResult(
            asset_key=key,
            check_name=name,
            passed=verdict.is_passed,
            severity=dg.AssetCheckSeverity.ERROR if verdict.is_critical else dg.AssetCheckSeverity.WARN,
            description=verdict.text or None,
            metadata={
                **verdict.numbers,
                "details": dg.MetadataValue.md("\n".join(f"- {line}" for line in verdict.text.splitlines())),
                "data docs": dg.MetadataValue.path(str(docs)),
            },
        )
        for name, verdict in ((SUITE, report.suite), (DELIVERIES, report.deliveries))
    ]
    return dg.MaterializeResult(
        key, metadata=counts | {f"deliveries {one}": n for one, n in loads.items()}, check_results=checks
    )


def _stop_where_told(session: Session, contracts: Sequence[Contract]) -> None:
    """Raise for a refused delivery of a source that says on_failed_delivery: stop, old refusals included."""
    for contract in contracts:
        for feed in session.project.feeds_of(contract.entity):
            if feed.stops_on_failure and (refusal := first_refusal(session.warehouse().connection, feed)):
                raise UserError(
                    "a delivery was refused and its source says to stop, so nothing is published",
                    where=f"sources.{feed.source}",
                    found=refusal,
                    action="correct the delivery, or say on_failed_delivery: keep_last_good",
                )
