"""The last assets: facts, the four summaries, each partitioned by its periods, and the published tables."""

from datetime import date, datetime
from typing import Any

import dagster as dg

from pipeline.errors import UserError
from pipeline.operate.choice import chosen_languages
from pipeline.operate.project import Project
from pipeline.operate.session import Session
from pipeline.periods import Period, parse_period, period_of
from pipeline.publish import publish
from pipeline.report.default_period import default_period
from pipeline.report.summary import SummaryResult, make_report, write_summary

# Asset name → grain of its periods
SUMMARIES = {"weekly": "week", "monthly": "month", "quarterly": "quarter", "yearly": "year"}
FACTS = dg.AssetKey(["report", "facts"])
PUBLISHED = dg.AssetKey(["publish", "ops"])
GRAIN_TAG = "ops_summary/grain"
PARTITION_TAG = "dagster/partition"
_FIRST = datetime(2000, 1, 1)
_READ_BY_REPORT = [
    ["kpis", "kpi_values"],
    ["kpis", "kpi_scorecard"],
    ["kpis", "kpi_catalog"],
    ["marts", "dim_actions"],
    ["marts", "dim_notes"],
    ["ops", "reconciliation"],
]


def summary_key(name: str) -> dg.AssetKey:
    return dg.AssetKey(["summary", name])


def partitions(grain: str, project: Project) -> dg.TimeWindowPartitionsDefinition:
    """Partitions of a summary: keys are the first days of its periods, the running one included as a draft."""
    company = project.configuration.company
    start = company.fiscal_year_start
    months = {
        "quarter": ",".join(str(month) for month in sorted((start - 1 + step) % 12 + 1 for step in (0, 3, 6, 9))),
        "year": str(start),
    }
    cron = {"week": "0 0 * * 1", "month": "0 0 1 * *"}.get(grain) or f"0 0 1 {months[grain]} *"
    return dg.TimeWindowPartitionsDefinition(
        start=_FIRST, fmt="%Y-%m-%d", cron_schedule=cron, timezone=company.time_zone, end_offset=1
    )


def make_summary_assets(project: Project) -> list[dg.AssetsDefinition]:
    return [
        _facts(project),
        *(_summary(project, name, grain) for name, grain in SUMMARIES.items()),
        _published(project),
    ]


def _facts(project: Project) -> dg.AssetsDefinition:
    @dg.asset(
        key=FACTS,
        deps=[dg.AssetKey(key) for key in _READ_BY_REPORT],
        group_name="report",
        kinds={"duckdb"},
        owners=["team:operations"],
        required_resource_keys={"warehouse"},
        description="One row per fact a summary may state, with the query that finds it again.",
    )
    def facts(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        session: Session = context.resources.warehouse
        refuse_where_models_failed(session)
        connection = session.warehouse().connection
        period = _partition_period(context, project) or _default_period(session, project)
        count = make_report(connection, period, session.run_id)
        return dg.MaterializeResult(metadata={"period": period.label, "dagster/row_count": count})

    return facts


def _default_period(session: Session, project: Project) -> Period:
    said = project.settings.period
    if said:
        return parse_period(said, project.configuration.company.fiscal_year_start)
    return default_period(session.warehouse().connection).period


def _partition_period(context: dg.AssetExecutionContext, project: Project) -> Period | None:
    """The period of the summary this run makes, where it makes one of a known grain."""
    tags = context.run.tags
    if PARTITION_TAG not in tags or GRAIN_TAG not in tags:
        return None
    first = date.fromisoformat(tags[PARTITION_TAG])
    return period_of(first, tags[GRAIN_TAG], project.configuration.company.fiscal_year_start)


def _summary(project: Project, name: str, grain: str) -> dg.AssetsDefinition:
    @dg.asset(
        key=summary_key(name),
        deps=[FACTS],
        partitions_def=partitions(grain, project),
        group_name="summary",
        kinds={"html", "markdown"},
        owners=["team:operations"],
        required_resource_keys={"warehouse"},
        description=f"One document per {grain}: the operations summary, in every language there is.",
    )
    def summary(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        session: Session = context.resources.warehouse
        refuse_where_models_failed(session)
        company = project.configuration.company
        period = period_of(date.fromisoformat(context.partition_key), grain, company.fiscal_year_start)
        connection = session.warehouse().connection
        if _partition_period(context, project) != period:
            # Materialized by itself: the facts of this period may be of an older state, or not there
            make_report(connection, period, session.run_id)
        made = write_summary(
            connection, period, project.settings.reports, chosen_languages(project.settings.language), session.at.date()
        )
        return dg.MaterializeResult(metadata=_summary_metadata(made))

    return summary


def _summary_metadata(made: SummaryResult) -> dict[str, Any]:
    return {
        "period": made.period.label,
        "edition": str(made.edition or "draft"),
        "is new": made.is_new,
        "summary": dg.MetadataValue.path(str(made.path)),
    }


def _published(project: Project) -> dg.AssetsDefinition:
    @dg.asset(
        key=PUBLISHED,
        deps=[FACTS, *(summary_key(name) for name in SUMMARIES)],
        group_name="publish",
        kinds={"duckdb"},
        owners=["team:data"],
        required_resource_keys={"warehouse"},
        description="One DuckDB file for BI: schemas marts, kpis, analysis, report and ops, replaced as a whole.",
    )
    def ops(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        session: Session = context.resources.warehouse
        refuse_where_models_failed(session)
        result = publish(session.warehouse().connection, project.settings.published)
        return dg.MaterializeResult(
            metadata={
                "file": dg.MetadataValue.path(str(result.path)),
                "bytes": result.bytes,
                "tables": result.tables,
                "is new": result.is_new,
            }
        )

    return ops


def refuse_where_models_failed(session: Session) -> None:
    """Raise where the newest build failed a critical data test: nothing of it is rendered or published."""
    failed = (
        session.warehouse()
        .connection.execute(
            "select name, failures, message from ops.model_checks where severity = 'error' and not is_passed order by name"
        )
        .fetchall()
    )
    if failed:
        name, failures, message = failed[0]
        raise UserError(
            "a critical data test of the models failed, so nothing is published; the last good tables and summary stand",
            where=f"dbt test {name}",
            found=f"{failures} failing rows" if failures is not None else str(message),
            expected="none",
            action="look at the test's query in the Dagster UI; correct the data or the model and run again",
        )
