"""Settings of one invocation, from the environment (OPS_SUMMARY_*); nothing else reads it or today's date.

Here belong paths and limits; what a company loads is in sources.yml, what an entity is in its contract.
"""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

REPOSITORY = Path(__file__).resolve().parent.parent
EXPECTATIONS = REPOSITORY / "expectations"
DBT_PROJECT = REPOSITORY / "dbt_project"


class Settings(BaseSettings):
    """Where things are and how much of the machine may be used; every field is OPS_SUMMARY_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="OPS_SUMMARY_", frozen=True, extra="ignore")

    sources: Path = Field(Path("sources.yml"), description="The sources.yml of the company.")
    data_dir: Path = Field(Path("data"), description="Landing, warehouse, published tables, reports.")
    memory_limit: str | None = Field(None, description="DuckDB's memory limit, for example 4GB.")
    max_temp_size: str = Field("50GB", description="Most that DuckDB may spill to disk.")
    threads: int | None = Field(None, ge=1, description="DuckDB threads.")
    as_of: date | None = Field(None, description="Last business day counted; default yesterday.")
    period: str | None = Field(None, description="Period of the summary, for example 2014-12.")
    language: str = Field("all", description="en, zh or all.")
    stable_seconds: float = Field(0.0, ge=0, description="A file younger than this is still being written.")

    landing_retention_days: int | None = Field(
        None,
        ge=1,
        description="Days after which landed rows are deleted that every entity was loaded from; default never.",
    )
    quarantine_retention_days: int | None = Field(
        None, ge=1, description="Days after which rows in quarantine are deleted; default never."
    )
    pseudonym_key: SecretStr | None = Field(
        None, description="Key of the hashes that stand for personal values, at least 16 characters."
    )

    @property
    def warehouse(self) -> Path:
        return self.data_dir / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        return self.data_dir / "published" / "ops.duckdb"

    @property
    def landing(self) -> Path:
        return self.data_dir / "landing"

    @property
    def reports(self) -> Path:
        return self.data_dir / "reports"

    @property
    def data_docs(self) -> Path:
        return self.data_dir / "data_docs"

    @property
    def dbt_dir(self) -> Path:
        return self.data_dir / "dbt"

    @property
    def dagster_home(self) -> Path:
        return self.data_dir / "dagster"

    def last_business_day(self, time_zone: str) -> date:
        """as_of, or yesterday in the company's time zone."""
        return self.as_of or datetime.now(ZoneInfo(time_zone)).date() - timedelta(days=1)


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment; overrides that are None are left out. Paths come back absolute."""
    said = {name: value for name, value in overrides.items() if value is not None}
    settings = Settings(**said)  # type: ignore[arg-type]
    return settings.model_copy(update={"sources": settings.sources.resolve(), "data_dir": settings.data_dir.resolve()})


def now() -> datetime:
    """The present moment in UTC, without time zone, as timestamps are stored."""
    return datetime.now(UTC).replace(tzinfo=None)


def secret(name: str) -> str | None:
    """The value of an environment variable that sources.yml names under credentials; None when there is none."""
    return os.environ.get(name, "").strip() or None


def set_environment(values: dict[str, str]) -> None:
    """Put settings where child code that only reads the environment (dbt's profile, Dagster) finds them."""
    os.environ.update(values)
