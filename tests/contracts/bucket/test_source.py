"""A source whose location is a bucket, from sources.yml to landing; and the example in the documentation."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.extract import LandingResult
from pipeline.operate.check import export_mistakes
from pipeline.operate.delivering import deliver
from pipeline.operate.project import load_project
from pipeline.operate.session import Session
from pipeline.settings import REPOSITORY, load_settings
from pipeline.sources import Source
from tests.contracts.bucket.conftest import KEYS

SOURCES = """
company: {{name: Shop, time_zone: UTC, currency: USD}}
headline: [orders]
sources:
  shop:
    connector: ./shop.yml
    location: s3://exports/shop
    endpoint: {endpoint}
    region: us-east-1
    credentials: {{access_key: SHOP_KEY, secret_key: SHOP_SECRET}}
"""
CONNECTOR = """
exports:
  orders:
    files: orders*.csv
    entities:
      finance.orders:
        columns: {order_id: a}
"""


@pytest.fixture
def session(tmp_path: Path, service: str) -> Iterator[Session]:
    (tmp_path / "sources.yml").write_text(SOURCES.format(endpoint=service))
    (tmp_path / "shop.yml").write_text(CONNECTOR)
    settings = load_settings(sources=tmp_path / "sources.yml", data_dir=tmp_path / "data")
    session = Session(load_project(settings), "run")
    yield session
    session.close()


@pytest.fixture
def land(session: Session) -> Callable[[], LandingResult]:
    return lambda: deliver(session, "shop", "orders", None)


def test_what_sources_yml_says_is_enough_to_land(
    land: Callable[[], LandingResult], client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", KEYS["access_key"])
    monkeypatch.setenv("SHOP_SECRET", KEYS["secret_key"])
    client.put_object(Bucket="exports", Key="shop/orders_1.csv", Body="a,b\n1,x\n")
    result = land()
    assert ([one.file for one in result.deliveries], result.refused) == (["orders_1.csv"], [])


def test_a_credential_that_is_not_set_is_a_refusal_and_told_by_check(
    session: Session, land: Callable[[], LandingResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", KEYS["access_key"])
    monkeypatch.delenv("SHOP_SECRET", raising=False)
    (refusal,) = land().refused
    assert (refusal.file, refusal.error.found) == ("orders*.csv", "SHOP_SECRET")
    assert [str(one) for one in export_mistakes(session.project)] == [str(refusal.error)]


def test_the_sources_of_the_documentation_are_sources() -> None:
    text = (REPOSITORY / "docs" / "buckets.md").read_text(encoding="utf-8")
    examples = [yaml.safe_load(block)["sources"] for block in re.findall(r"```yaml\n(sources:.+?)```", text, re.DOTALL)]
    said = [Source.model_validate(one) for example in examples for one in example.values()]
    assert len(said) >= 3
    assert all(one.is_bucket for one in said)
