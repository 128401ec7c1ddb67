"""An export of a fault server, a clock that only moves when somebody sleeps, and one call that lands what is new."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipeline.connector import Export
from pipeline.endpoint import Http
from pipeline.extract import LandingResult
from pipeline.extract.http import Asked, Client, Clock, land_endpoint, open_client
from tests.servers.fault_server import FaultServer

AT = datetime(2031, 4, 2, 6, 0)
AS_OF = date(2031, 4, 1)
SECRETS = {"API_TOKEN": "s3cr3t+token/=", "API_USER": "ann", "API_PASSWORD": "pa55 wörd".replace("ö", "o")}


@dataclass
class Time:
    """Stands still but for sleeping; every sleep is kept, in seconds."""

    now: datetime = AT
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += timedelta(seconds=seconds)


class Endpoint:
    """Source `shop` at a server; every run is a client of its own, as every run of the product is."""

    def __init__(self, server: FaultServer, folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.server, self.landing, self.connection = server, folder / "landing", connection
        self.time, self.waits = Time(), list[str]()
        self.secrets: Mapping[str, str] = SECRETS

    @property
    def home(self) -> Path:
        return self.landing / "shop" / "orders"

    def client(self, http: Mapping[str, Any] | None = None, credentials: Mapping[str, str] | None = None) -> Client:
        said = {"requests_per_second": 1000, "attempts": 3} | dict(http or {})
        clock = Clock(lambda: self.time.now, self.time.sleep)
        where = "sources.yml, sources.shop.credentials"
        return open_client(
            Http.model_validate(said),
            f"{self.server.url}/api",
            credentials or {},
            self.secrets.get,
            clock,
            where,
            self.waits.append,
        )

    def land(
        self,
        request: Mapping[str, Any] | None = None,
        *,
        http: Mapping[str, Any] | None = None,
        credentials: Mapping[str, str] | None = None,
        client: Client | None = None,
        as_of: date = AS_OF,
        **export: Any,
    ) -> LandingResult:
        """Land, ten minutes after the run before, what is new of /api/orders; `request` and `export` add to what is said of it."""
        said = {
            "read": {"format": "json", "records": "data"},
            "request": {"path": "/orders"} | dict(request or {}),
            "entities": {"finance.orders": {"columns": {"order_id": "id"}}},
        } | export
        asked = Asked("shop", "orders", Export.model_validate(said), "America/New_York", as_of)
        used = client or self.client(http, credentials)
        self.time.now += timedelta(minutes=10)
        try:
            return land_endpoint(self.connection, used, asked, self.landing, landed_at=self.time.now)
        finally:
            if client is None:
                used.close()

    def ids(self, result: LandingResult) -> list[str]:
        """Column id of all deliveries, in order."""
        return [
            str(row[0])
            for one in result.deliveries
            for row in self.connection.execute(
                "select id from read_parquet(?) order by _source_row", [str(one.folder / "rows.parquet")]
            ).fetchall()
        ]

    def spooled(self) -> list[str]:
        """Whole pages that wait for their window."""
        return sorted(path.name for path in self.home.glob(".fetching/*/page-*.json"))

    def everything_written(self) -> str:
        """All text below the landing folder, names included."""
        files = [path for path in self.landing.rglob("*") if path.is_file()]
        return "\n".join(f"{path}\n{path.read_bytes().decode('latin-1')}" for path in files)


def rows(first: int, last: int) -> list[dict[str, Any]]:
    """Records `first` to `last`."""
    return [{"id": str(number), "amount": number} for number in range(first, last + 1)]
