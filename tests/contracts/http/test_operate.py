"""A source that is an endpoint, as the product runs it: its assets, its check, its refusals; secrets show in none of them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from pipeline.operate.check import export_mistakes
from pipeline.operate.landing_assets import make_landing_assets
from pipeline.operate.project import Project, load_project
from pipeline.operate.session import session_resource
from pipeline.settings import load_settings
from tests.servers.fault_server import FaultServer, Reply

SECRET = "v3ry-s3cret"
EXPORT: dict[str, Any] = {
    "request": {
        "path": "/orders?fixed=1",
        "window": {"days": 31, "from_parameter": "from", "to_parameter": "to"},
        "paginate": {"by": "page", "parameter": "page"},
    },
    "read": {"format": "json", "records": "data"},
    "entities": {"finance.orders": {"columns": {"order_id": "id", "ordered_at": "t", "amount": "a", "currency": "'USD'"}}},
}  # fmt: skip


def project(folder: Path, server: FaultServer) -> Project:
    connector = {
        "http": {"auth": {"kind": "bearer", "token": "token"}},
        "exports": {"orders": EXPORT, "returns": EXPORT | {"request": {"path": "/returns"}}},
    }
    (folder / "shop.yml").write_text(yaml.safe_dump(connector))
    said = {
        "company": {"name": "Acme", "time_zone": "America/New_York", "currency": "USD"},
        "headline": ["net_revenue"],
        "sources": {
            "shop": {
                "connector": "./shop.yml",
                "location": server.url,
                "credentials": {"token": "ACME_TOKEN"},
                "covers": {"finance.orders": {"from": "2031-03-30"}},
            }
        },
    }
    (folder / "sources.yml").write_text(yaml.safe_dump(said))
    return load_project(load_settings(sources=folder / "sources.yml", data_dir=folder / "data", as_of="2031-04-01"))


def materialized(project: Project) -> Any:
    return dg.materialize(
        make_landing_assets(project), resources={"warehouse": session_resource(project)}, raise_on_error=False
    )


def shown(result: Any) -> str:
    """All a run says: its events with their metadata."""
    return "\n".join(dg.serialize_value(event) for event in result.all_events)


def checks(result: Any) -> Mapping[str, Any]:
    return {
        one.asset_key.path[-1]: one
        for one in result.get_asset_check_evaluations()
        if one.check_name == "readable"
    }  # fmt: skip


def test_an_endpoint_is_landed_like_a_folder(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_TOKEN", SECRET)
    made = project(tmp_path, server)
    server.on("/orders", lambda seen: Reply({"data": [{"id": "1"}] if seen.query["page"] == "1" else []}))
    server.on("/returns", Reply(f"token {SECRET} is not good here", 403))
    result = materialized(made)
    assert result.success
    assert {**server.queries("/orders")[0]} == {"fixed": "1", "from": "2031-03-30", "to": "2031-04-01", "page": "1"}
    found = checks(result)
    assert (found["orders"].passed, found["returns"].passed) == (True, False)
    assert "403 Forbidden: token *** is not good here" in str(found["returns"].description)
    loads = list((tmp_path / "data" / "landing" / "shop" / "orders").glob("*/load.json"))
    assert {name: json.loads(loads[0].read_text())["state"][name] for name in ("from", "to")} == {
        "from": "2031-03-30", "to": "2031-04-01",
    }  # fmt: skip
    assert SECRET not in shown(result)
    assert all(SECRET.encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_an_asset_says_where_its_rows_come_from(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_TOKEN", SECRET)
    (assets,) = make_landing_assets(project(tmp_path, server))
    spec = next(one for one in assets.specs if one.key.path[-1] == "orders")
    assert str(spec.description).startswith(f"One row per row of /orders at 127.0.0.1:{server.port}, as delivered")
    assert spec.kinds == {"http", "parquet"}


def test_without_its_variable_a_source_is_refused_and_nobody_called(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACME_TOKEN", raising=False)
    made = project(tmp_path, server)
    (mistake,) = export_mistakes(made)
    assert str(mistake).startswith("sources.yml, sources.shop.credentials: the environment variable of a credential")
    result = materialized(made)
    assert all("found ACME_TOKEN" in str(one.description) for one in checks(result).values())
    assert server.seen == []


def test_check_calls_nobody(server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_TOKEN", SECRET)
    assert export_mistakes(project(tmp_path, server)) == []
    assert server.seen == []
