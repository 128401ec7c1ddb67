"""One folder of files, one landing folder, one call: what the extract tests work with."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline.connector import Export
from pipeline.extract import Delivery, Found, LandingResult, land, land_found

_OF_EXPORT = ("files", "schema", "members", "done_marker", "totals", "drop")
LANDED_AT = datetime.fromisoformat("2030-01-02T03:04:05")


def facts(delivery: Delivery) -> dict[str, Any]:
    """load.json of a delivery."""
    loaded: dict[str, Any] = json.loads((delivery.folder / "load.json").read_text("utf-8"))
    return loaded


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
        export = self.export(read, options)
        said = {"landed_at": LANDED_AT} | options
        return land(self.connection, "shop", "orders", export, self.location, self.landing, **said)

    def land_found(self, found: Sequence[Found], read: dict[str, Any] | None = None, **options: Any) -> LandingResult:
        """Land these files."""
        export = self.export(read, options)
        said = {"landed_at": LANDED_AT} | options
        return land_found(self.connection, "shop", "orders", export, found, self.landing, **said)

    def export(self, read: dict[str, Any] | None, options: dict[str, Any]) -> Export:
        """The export these options say; they leave `options`, those of landing stay."""
        said = {name: options.pop(name) for name in list(options) if name in _OF_EXPORT}
        mapped = {"finance.orders": {"columns": {"order_id": options.pop("mapped", "a")}}}
        return Export.model_validate({"files": "*.csv*", "read": read or {}, "entities": mapped} | said)

    def found(self, path: Path, **more: Any) -> Found:
        """A file as discovery would have found it."""
        status = path.stat()
        return Found(path, path.name, status.st_size, status.st_mtime_ns, **more)

    def head(self, path: Path) -> Found:
        """A file of which the first rows alone are of interest."""
        return self.found(path, is_head=True)

    def rows(self, result: LandingResult, file: str = "rows.parquet") -> list[tuple[Any, ...]]:
        """Rows of the only delivery, as Parquet has them."""
        (delivery,) = result.deliveries
        return self.rows_of(delivery, file)

    def rows_of(self, delivery: Delivery, file: str = "rows.parquet") -> list[tuple[Any, ...]]:
        """Rows of a delivery, as Parquet has them."""
        return self.connection.execute("from read_parquet(?)", [str(delivery.folder / file)]).fetchall()
