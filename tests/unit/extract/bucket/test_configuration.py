"""What sources.yml may say of a bucket, and what each mistake is answered with."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.errors import RefusedDelivery
from pipeline.extract.bucket import Bucket, bucket_mistakes, bucket_of
from pipeline.extract.bucket.connection import connect
from pipeline.sources import Source

KEYS = {"access_key": "SHOP_KEY", "secret_key": "SHOP_SECRET"}


def variables(**there: str) -> Callable[[str], str | None]:
    return there.get


def source(**said: Any) -> Source:
    return Source.model_validate({"connector": "shop", "location": "s3://exports/shop"} | said)


@pytest.mark.parametrize(
    ("location", "name", "prefix"),
    [
        ("s3://exports", "exports", ""),
        ("s3://exports/", "exports", ""),
        ("s3://exports/shop", "exports", "shop/"),
        ("s3://Old_exports.2019/a/b/", "Old_exports.2019", "a/b/"),
        ("s3://exports/2026 #1?/销售", "exports", "2026 #1?/销售/"),
    ],
)
def test_a_location_is_a_bucket_and_a_prefix(location: str, name: str, prefix: str) -> None:
    bucket = bucket_of(source(location=location), "sources.shop", variables())
    assert (bucket.name, bucket.prefix) == (name, prefix)


def test_credentials_are_read_from_the_variables_named() -> None:
    said = source(credentials=KEYS, endpoint="https://s3.example.com", region="eu-central-1", addressing="virtual")
    bucket = bucket_of(said, "sources.shop", variables(SHOP_KEY="id", SHOP_SECRET="hush"))
    service = ("https://s3.example.com", "eu-central-1", "virtual")
    assert bucket == Bucket("exports", "shop/", *service, access_key="id", secret_key="hush")
    assert "hush" not in repr(bucket)


def test_a_variable_that_is_not_set_is_named() -> None:
    said = source(credentials=KEYS)
    mistakes = list(bucket_mistakes(said, "sources.yml, sources.shop", variables(SHOP_KEY="id")))
    assert [(one.where, one.found) for one in mistakes] == [
        ("sources.yml, sources.shop.credentials.secret_key", "SHOP_SECRET")
    ]
    with pytest.raises(RefusedDelivery, match="SHOP_SECRET"):
        bucket_of(said, "sources.yml, sources.shop", variables(SHOP_KEY="id"))


def test_without_boto3_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.extract.bucket.connection.find_spec", lambda _: None)
    (mistake,) = bucket_mistakes(source(), "sources.yml, sources.shop", variables())
    assert (mistake.what, mistake.action) == (
        "buckets need boto3, which is not installed",
        "pip install -e '.[s3]'",
    )


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"location": "s3://"}, "a bucket is written s3://bucket"),
        ({"location": "s3:///shop"}, "a bucket is written s3://bucket"),
        ({"location": "s3://key:secret@exports/shop"}, "a bucket is written s3://bucket"),
        ({"location": "./exports", "endpoint": "https://s3.example.com"}, "go with a bucket"),
        ({"location": "./exports", "region": "eu-central-1"}, "go with a bucket"),
        ({"endpoint": "http://s3.example.com"}, "an endpoint needs https"),
        ({"endpoint": "s3.example.com"}, "not the address of a service"),
        ({"endpoint": "https://s3.example.com/exports"}, "not the address of a service"),
        ({"endpoint": "https://id:hush@s3.example.com"}, "an address alone"),
        ({"credentials": {"access_key": "A"}}, "need both access_key and secret_key"),
        ({"credentials": {"token": "A"}}, "credentials are access_key, secret_key, session_token, not token"),
        ({"addressing": "dns"}, "'path' or 'virtual'"),
    ],
)
def test_what_cannot_be_meant_is_refused(said: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        source(**said)


@pytest.mark.parametrize(
    ("addressing", "address"),
    [
        (None, "https://s3.example.com/exports/may.csv"),
        ("path", "https://s3.example.com/exports/may.csv"),
        ("virtual", "https://exports.s3.example.com/may.csv"),
    ],
)
def test_the_bucket_is_part_of_the_path_or_of_the_host(addressing: str | None, address: str) -> None:
    bucket = Bucket("exports", "", "https://s3.example.com", "eu", addressing, access_key="id", secret_key="hush")
    signed = connect(bucket).generate_presigned_url("get_object", Params={"Bucket": "exports", "Key": "may.csv"})
    assert signed.partition("?")[0] == address


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000"])
def test_a_service_of_this_machine_may_be_spoken_to_in_the_clear(endpoint: str) -> None:
    assert source(endpoint=endpoint).endpoint == endpoint
