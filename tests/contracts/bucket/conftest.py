"""Buckets on this machine, and one landing folder to land them in."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
import stamina
from moto.server import ThreadedMotoServer

from pipeline.connector import Export
from pipeline.extract import LandingResult
from pipeline.extract.bucket import Bucket, land_bucket
from pipeline.warehouse import memory_database
from tests.contracts.bucket.fault_bucket import FaultBucket, serving
from tests.unit.extract.places import LANDED_AT

KEYS = {"access_key": "AKIDEXAMPLE", "secret_key": "a-secret-that-nobody-may-see"}


class Place:
    """A landing folder for the exports of one bucket; every delivery of it is source `shop`, export `orders`."""

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection, endpoint: str) -> None:
        self.landing, self.connection = folder / "landing", connection
        self.bucket = Bucket("exports", "shop/", endpoint, "us-east-1", **KEYS)

    @property
    def home(self) -> Path:
        return self.landing / "shop" / "orders"

    def land(self, bucket: Bucket | None = None, read: dict[str, Any] | None = None, **said: Any) -> LandingResult:
        entities = {"finance.orders": {"columns": {"order_id": "a"}}}
        export = Export.model_validate({"files": "*.csv*", "read": read or {}, "entities": entities} | said)
        bucket = bucket or self.bucket
        return land_bucket(self.connection, "shop", "orders", export, bucket, self.landing, landed_at=LANDED_AT)

    def rows(self, result: LandingResult) -> list[tuple[Any, ...]]:
        """What all deliveries of a result hold, by file and row, without the row numbers."""
        return [
            row[:-1]
            for delivery in result.deliveries
            for row in self.connection.execute(
                "from read_parquet(?)", [str(delivery.folder / "rows.parquet")]
            ).fetchall()
        ]


@pytest.fixture(scope="session")
def service() -> Iterator[str]:
    """Address of a service that keeps buckets as the real ones do."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Callable[[str], Place]]:
    connection = memory_database()
    yield lambda endpoint: Place(tmp_path, connection, endpoint)
    connection.close()


@pytest.fixture(scope="session")
def shopkeeper(service: str) -> Any:
    """What whoever fills the bucket works with."""
    session = boto3.session.Session(KEYS["access_key"], KEYS["secret_key"], region_name="us-east-1")
    return session.client("s3", endpoint_url=service)


@pytest.fixture
def client(shopkeeper: Any) -> Iterator[Any]:
    """The same, the bucket empty."""
    shopkeeper.create_bucket(Bucket="exports")
    yield shopkeeper
    for page in shopkeeper.get_paginator("list_objects_v2").paginate(Bucket="exports"):
        for one in page.get("Contents", []):
            shopkeeper.delete_object(Bucket="exports", Key=one["Key"])
    shopkeeper.delete_bucket(Bucket="exports")


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultBucket]:
    """A bucket that fails as it is told; nothing waits before it is tried again."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    with serving() as server, stamina.set_testing(True, attempts=5, cap=True):
        yield server
