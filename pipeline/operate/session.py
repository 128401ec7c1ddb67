"""The resource `warehouse`: one open warehouse for the whole of a run, closed at its end whatever happened."""

from collections.abc import Iterator

import dagster as dg

from pipeline.clean.outcome import LoadContext
from pipeline.clean.status import forget_unconfigured, write_company
from pipeline.model import dbt
from pipeline.operate.privacy import expire, pseudonym_key
from pipeline.operate.project import Project
from pipeline.privacy.retention import Stamp
from pipeline.settings import now
from pipeline.warehouse import Warehouse, open_warehouse


class Session:
    """One run's hold on the warehouse, opened when first asked for."""

    def __init__(self, project: Project, run_id: str) -> None:
        self.project, self.run_id, self.at = project, run_id, now()
        self._warehouse: Warehouse | None = None
        self._is_refreshing = False

    def warehouse(self) -> Warehouse:
        """The open warehouse; raises UserError naming the holder when another process has it."""
        if self._warehouse is None:
            settings = self.project.settings
            self._warehouse = open_warehouse(
                settings.warehouse,
                self.project.contracts,
                memory_limit=settings.memory_limit,
                max_temp_size=settings.max_temp_size,
                threads=settings.threads,
            )
        return self._warehouse

    def begin_refresh(self) -> None:
        """Write what sources.yml says and the day counted to; only loading moves them, for tables must follow."""
        if not self._is_refreshing:
            configuration = self.project.configuration
            as_of = self.project.settings.last_business_day(configuration.company.time_zone)
            write_company(self.warehouse(), configuration, as_of)
            forget_unconfigured(self.warehouse(), configuration, self.project.contracts)
            self._is_refreshing = True

    def load_context(self) -> LoadContext:
        parameters = {"kpi_ids": self.project.kpi_ids}
        return LoadContext(self.run_id, self.at, pseudonym_key(self.project.settings), parameters)

    def record_build(self, parsed: dbt.Parsed, result: dbt.BuildResult) -> None:
        """Keep the verdicts of the data tests, settle what the build has taken in, delete what was kept long enough."""
        with self.warehouse().transaction() as cursor:
            for one in result.checks:
                cursor.execute("delete from ops.model_checks where name = ?", [one.name])
                row = [one.name, one.severity, one.is_passed, one.failures, one.message, self.run_id, self.at]
                cursor.execute("insert into ops.model_checks values (?, ?, ?, ?, ?, ?, ?)", row)
            dbt.settle(parsed, cursor, result)
        expire(self.project, self.warehouse().connection, Stamp(self.at, self.run_id))

    def close(self) -> None:
        if self._warehouse is not None:
            self._warehouse.close()
            self._warehouse = None


def session_resource(project: Project) -> dg.ResourceDefinition:
    @dg.resource(description="The run's open warehouse.")
    def warehouse(context: dg.InitResourceContext) -> Iterator[Session]:
        session = Session(project, context.run_id or "")
        try:
            yield session
        finally:
            session.close()

    return warehouse
