"""One folder of files, one landing folder, one call: what the extract tests work with."""

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline.connector import Export
from pipeline.extract import LandingResult, land

LANDED_AT = datetime.fromisoformat("2030-01-02T03:04:05")


class Place:
    """A location, a landing folder and a connection; every delivery of it is source `shop`, export `orders`."""

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.location, self.landing, self.connection = folder / "exports", folder / "landing", connection
        self.location.mkdir()

    def put(self, name: str, content: str | bytes) -> Path:
        """Deliver a file; text goes out as UTF-8, its line breaks untouched."""
        path = self.location / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def land(self, read: dict[str, Any] | None = None, **options: Any) -> LandingResult:
        """Land everything; `mapped` is the expression of the one mapped column, the rest are land's or Export's."""
        export = Export.model_validate(
            {
                "files": options.pop("files", "*.csv*"),
                "read": read or {},
                "schema": options.pop("schema", "evolve"),
                "entities": {"finance.orders": {"columns": {"order_id": options.pop("mapped", "a")}}},
            }
        )
        said = {"landed_at": LANDED_AT} | options
        return land(self.connection, "shop", "orders", export, self.location, self.landing, **said)

    def rows(self, result: LandingResult, file: str = "rows.parquet") -> list[tuple[Any, ...]]:
        """Rows of the only delivery, as Parquet has them."""
        (delivery,) = result.deliveries
        return self.connection.execute("from read_parquet(?)", [str(delivery.folder / file)]).fetchall()
