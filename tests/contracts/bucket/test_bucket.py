"""What lies in a bucket lands like a folder's files: whole, once, and only what is new is fetched."""

import gzip
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from pipeline.extract import landed
from pipeline.extract.bucket import land as land_module
from pipeline.extract.bucket.download import fetched
from tests.contracts.bucket.conftest import Place

GOOD = "a,b\n1,x\n2,y\n"


@pytest.fixture
def shop(place: Callable[[str], Place], service: str) -> Place:
    return place(service)


@pytest.fixture
def fetches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the objects that were downloaded."""
    names: list[str] = []

    def counted(client: Any, bucket: Any, one: Any, spool: Any) -> Any:
        names.append(one.file)
        return fetched(client, bucket, one, spool)

    monkeypatch.setattr(land_module, "fetched", counted)
    return names


def put(client: Any, **files: str | bytes) -> None:
    for name, content in files.items():
        client.put_object(Bucket="exports", Key=f"shop/{name}.csv", Body=content)


def test_objects_land_in_natural_order_and_leave_the_spool_empty(shop: Place, client: Any) -> None:
    put(client, orders_10="a,b\n3,z\n", orders_9=GOOD)
    client.put_object(Bucket="exports", Key="elsewhere/orders_1.csv", Body=GOOD)
    result = shop.land()
    assert [one.file for one in result.deliveries] == ["orders_9.csv", "orders_10.csv"]
    assert shop.rows(result) == [("1", "x"), ("2", "y"), ("3", "z")]
    assert landed(shop.landing, "shop", "orders") == result.deliveries
    assert list((shop.home / ".fetching").iterdir()) == []


def test_a_delivery_says_which_object_it_was(shop: Place, client: Any) -> None:
    put(client, orders=GOOD)
    etag = client.head_object(Bucket="exports", Key="shop/orders.csv")["ETag"]
    (delivery,) = shop.land().deliveries
    facts = json.loads((delivery.folder / "load.json").read_text())
    assert facts["state"] == {"object": "s3://exports/shop/orders.csv", "etag": etag}
    assert delivery.modified_at.year > 2020


def test_what_was_fetched_is_not_fetched_again(shop: Place, client: Any, fetches: list[str]) -> None:
    put(client, may=GOOD, copy_of_may=GOOD, june="a,b\n7,q\n")
    first = shop.land()
    put(client, july="a,b\n8,r\n", june="a,b\n7,corrected\n")
    del fetches[:]
    second = shop.land()
    assert sorted(fetches) == ["july.csv", "june.csv"]
    assert shop.rows(second) == [("1", "x"), ("2", "y"), ("8", "r"), ("7", "corrected")]
    assert len(landed(shop.landing, "shop", "orders")) == len(first.deliveries) + 2
    del fetches[:]
    assert (shop.land().new, fetches) == ([], [])


def test_what_went_from_landing_or_from_memory_is_fetched_again(shop: Place, client: Any, fetches: list[str]) -> None:
    put(client, may=GOOD)
    (delivery,) = shop.land().deliveries
    for path in delivery.folder.iterdir():
        path.unlink()
    delivery.folder.rmdir()
    assert [one.load_id for one in shop.land().new] == [delivery.load_id]
    (shop.home / ".fetched.json").unlink()
    assert shop.land().new == []
    (shop.home / ".fetched.json").write_text("{ cut off")
    assert shop.land().new == []
    assert fetches == ["may.csv"] * 4


def test_a_changed_way_of_reading_lands_anew(shop: Place, client: Any) -> None:
    put(client, may="note\n" + GOOD)
    shop.land()
    result = shop.land(read={"skip": 1})
    assert shop.rows(result) == [("1", "x"), ("2", "y")]
    assert len(result.new) == 1


def test_an_object_taken_away_is_no_delivery_any_more_and_stays_landed(shop: Place, client: Any) -> None:
    put(client, may=GOOD, june="a,b\n7,q\n")
    shop.land()
    client.delete_object(Bucket="exports", Key="shop/may.csv")
    result = shop.land()
    assert [one.file for one in result.deliveries] == ["june.csv"]
    assert len(landed(shop.landing, "shop", "orders")) == 2


def test_a_bad_object_is_refused_each_time_and_fetched_once(shop: Place, client: Any, fetches: list[str]) -> None:
    put(client, bad=b"a,a\n1,2\n", good=GOOD)
    for _ in range(2):
        result = shop.land()
        assert [one.file for one in result.refused] == ["bad.csv"]
        assert [one.file for one in result.deliveries] == ["good.csv"]
    put(client, bad=b"a,b\n5,v\n")
    result = shop.land()
    assert (result.refused, len(result.deliveries)) == ([], 2)
    assert list((shop.home / ".fetching").iterdir()) == []
    assert len(fetches) == 4  # twice the good one and the bad, once more the bad from the spool, once corrected


def test_more_objects_than_a_batch_holds(shop: Place, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(land_module, "BATCH_OBJECTS", 3)
    put(client, **{f"orders_{number}": f"a,b\n{number},x\n" for number in range(1, 9)})
    result = shop.land()
    assert shop.rows(result) == [(str(number), "x") for number in range(1, 9)]
    assert len(result.new) == len(result.deliveries) == 8


def test_a_glob_means_what_it_means_in_a_folder(shop: Place, client: Any) -> None:
    for key in ("orders.csv", "2026/orders.csv", "2026/10/orders.csv", "2026/10/", "orders.txt"):
        client.put_object(Bucket="exports", Key=f"shop/{key}", Body=f"a,b\n{key},x\n" if key[-1] != "/" else b"")
    found = {
        pattern: [one.file for one in shop.land(files=pattern).deliveries]
        for pattern in ("*.csv", "*/*.csv", "2026/**/*.csv", "**/orders.*")
    }
    assert found == {
        "*.csv": ["orders.csv"],
        "*/*.csv": ["2026/orders.csv"],
        "2026/**/*.csv": ["2026/10/orders.csv", "2026/orders.csv"],
        "**/orders.*": ["2026/10/orders.csv", "2026/orders.csv", "orders.csv", "orders.txt"],
    }


@pytest.mark.parametrize(
    ("marker", "name"), [("{file}.done", "may.csv.done"), ("{stem}.ok", "may.ok"), ("_SUCCESS",) * 2]
)
def test_an_object_waits_for_its_marker(shop: Place, client: Any, marker: str, name: str) -> None:
    put(client, may=GOOD)
    client.put_object(Bucket="exports", Key=f"shop/{name}.old", Body=b"")
    result = shop.land(files="*.csv", done_marker=marker)
    assert (result.deliveries, result.notes) == ([], [f"may.csv: waits for {name}, left for the next run"])
    client.put_object(Bucket="exports", Key=f"shop/{name}", Body=b"")
    result = shop.land(files="*.csv", done_marker=marker)
    assert ([one.file for one in result.deliveries], result.refused) == (["may.csv"], [])


def test_compressed_objects_are_whole_deliveries(shop: Place, client: Any, fetches: list[str]) -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("june.csv", "a,b\n7,q\n")
        file.writestr("july.csv", "a,b\n8,r\n")
    client.put_object(Bucket="exports", Key="shop/may.csv.gz", Body=gzip.compress(GOOD.encode()))
    client.put_object(Bucket="exports", Key="shop/more.csv.zip", Body=archive.getvalue())
    result = shop.land()
    assert sorted(one.file for one in result.deliveries) == [
        "may.csv.gz",
        "more.csv.zip/july.csv",
        "more.csv.zip/june.csv",
    ]
    assert sorted(shop.rows(result)) == [("1", "x"), ("2", "y"), ("7", "q"), ("8", "r")]
    del fetches[:]
    assert (shop.land().deliveries, fetches) == (result.deliveries, [])


def test_an_archive_refused_in_part_stays_until_it_is_corrected(shop: Place, client: Any) -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("june.csv", "a,b\n7,q\n")
        file.writestr("july.csv", "a,a\n8,r\n")
    client.put_object(Bucket="exports", Key="shop/more.csv.zip", Body=archive.getvalue())
    for _ in range(2):
        result = shop.land()
        assert [one.file for one in result.deliveries] == ["more.csv.zip/june.csv"]
        assert [one.file for one in result.refused] == ["more.csv.zip/july.csv"]


def test_an_object_sent_in_parts_is_one_delivery(shop: Place, client: Any) -> None:
    upload = client.create_multipart_upload(Bucket="exports", Key="shop/may.csv")
    about = {"Bucket": "exports", "Key": "shop/may.csv", "UploadId": upload["UploadId"]}
    first = client.upload_part(**about, PartNumber=1, Body=b"a,b\n" + b"1,x\n" * (5 << 18))
    second = client.upload_part(**about, PartNumber=2, Body=b"2,y\n")
    parts = [{"PartNumber": number, "ETag": part["ETag"]} for number, part in ((1, first), (2, second))]
    client.complete_multipart_upload(**about, MultipartUpload={"Parts": parts})
    assert "-2" in client.head_object(Bucket="exports", Key="shop/may.csv")["ETag"]
    (delivery,) = shop.land().deliveries
    assert delivery.rows == (5 << 18) + 1


def test_names_of_any_kind_are_fetched(shop: Place, client: Any) -> None:
    names = ["销售 10月.csv", "a+b&c=d%20.csv", "..csv", "'quoted' \"name\".csv"]
    for number, name in enumerate(names):
        client.put_object(Bucket="exports", Key=f"shop/{name}", Body=f"a,b\n{number},x\n")
    assert sorted(one.file for one in shop.land().deliveries) == sorted(names)


def test_another_location_is_another_memory(shop: Place, client: Any, fetches: list[str]) -> None:
    put(client, may=GOOD)
    client.put_object(Bucket="exports", Key="moved/may.csv", Body=GOOD)
    (first,) = shop.land().deliveries
    (second,) = shop.land(replace(shop.bucket, prefix="moved/")).deliveries
    assert (second, fetches) == (first, ["may.csv"] * 2)
