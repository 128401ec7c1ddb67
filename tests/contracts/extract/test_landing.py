"""A delivery lands whole, once, and stays as it is."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipeline.errors import RefusedDelivery, UserError
from pipeline.extract import landed
from pipeline.extract.load_file import write_load_file
from tests.unit.extract.places import LANDED_AT, Place

GOOD = "a,b\n1,x\n2,y\n"


def test_a_delivery_is_a_folder_of_rows_and_facts(place: Place) -> None:
    path = place.put("may/orders.csv", GOOD + "3\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    (delivery,) = place.land(files="*/*.csv").deliveries
    assert sorted(one.name for one in delivery.folder.iterdir()) == ["load.json", "rejects.parquet", "rows.parquet"]
    text = (delivery.folder / "load.json").read_text()
    assert json.loads(text) == {
        "bytes": 14,
        "changes": [],
        "columns": ["a", "b"],
        "dropped": [],
        "export": "orders",
        "file": "may/orders.csv",
        "landed_at": "2030-01-02T03:04:05",
        "load_id": delivery.load_id,
        "margin": [],
        "modified_at": "2023-11-14T22:13:20",
        "not_rows": 0,
        "profile": {"a": {"filled": 2, "number": 2, "date": 0}, "b": {"filled": 2, "number": 0, "date": 0}},
        "read": {
            "format": "csv",
            "compression": "none",
            "encoding": "utf-8",
            "delimiter": ",",
            "quote": '"',
            "preamble_lines": 0,
            "footer_lines": 0,
            "not_rows": 0,
        },
        "rejected": 1,
        "rows": 2,
        "sha256": delivery.sha256,
        "source": "shop",
        "state": {},
        "totals": [],
    }
    assert list(json.loads(text)) == sorted(json.loads(text))
    assert delivery.folder == place.landing / "shop" / "orders" / delivery.load_id
    assert landed(place.landing, "shop", "orders") == [delivery]


def test_the_parquet_is_text_and_a_row_number_in_zstd(place: Place) -> None:
    place.put("orders.csv", GOOD)
    (delivery,) = place.land().deliveries
    rows = str(delivery.folder / "rows.parquet")
    described = place.connection.execute("describe from read_parquet(?)", [rows]).fetchall()
    assert [one[:2] for one in described] == [("a", "VARCHAR"), ("b", "VARCHAR"), ("_source_row", "BIGINT")]
    metadata = place.connection.execute("select distinct compression from parquet_metadata(?)", [rows])
    assert metadata.fetchall() == [("ZSTD",)]


def test_files_are_delivered_in_natural_order(place: Place) -> None:
    for number in (10, 9, 1):
        place.put(f"orders_{number}.csv", f"a,b\n{number},x\n")
    result = place.land()
    assert [one.file for one in result.deliveries] == ["orders_1.csv", "orders_9.csv", "orders_10.csv"]
    assert result.new == result.deliveries


def test_a_file_known_by_content_lands_no_second_time(place: Place) -> None:
    path = place.put("orders.csv", GOOD)
    first = place.land().deliveries[0]
    before = _bytes(first.folder)
    path.rename(path.with_name("renamed.csv"))
    again = place.land(landed_at=LANDED_AT + timedelta(days=1))
    assert (again.deliveries, again.new) == ([first], [])
    assert _bytes(first.folder) == before


def test_two_files_of_one_content_are_one_delivery_and_a_note(place: Place) -> None:
    place.put("1.csv", GOOD)
    place.put("2.csv", GOOD)
    result = place.land()
    assert [one.file for one in result.deliveries] == ["1.csv"]
    assert result.notes == ["2.csv: the same content as 1.csv, which is landed once"]


def test_a_changed_way_of_reading_lands_anew(place: Place) -> None:
    place.put("orders.csv", "a;b\nc;d\n1;2\n")
    first = place.land().new[0]
    second = place.land({"skip": 1}, mapped="c").new[0]
    assert (first.columns, second.columns) == (("a", "b"), ("c", "d"))
    assert first.sha256 == second.sha256
    assert {one.load_id for one in landed(place.landing, "shop", "orders")} == {first.load_id, second.load_id}


def test_saying_the_default_is_no_change(place: Place) -> None:
    place.put("orders.csv", GOOD)
    place.land()
    assert place.land({"skip": 0, "format": "csv"}).new == []


def test_a_file_still_being_written_is_left_for_the_next_run(place: Place) -> None:
    path = place.put("orders.csv", GOOD)
    written = datetime.fromisoformat("2029-12-31T23:59:30")
    os.utime(path, (written.replace(tzinfo=UTC).timestamp(),) * 2)
    result = place.land(landed_at=written + timedelta(seconds=59), stable_seconds=60)
    assert (result.deliveries, result.refused) == ([], [])
    assert result.notes == ["orders.csv: still being written, left for the next run"]
    assert place.land(landed_at=written + timedelta(seconds=61), stable_seconds=60).new


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_run(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = place.put("orders.csv", GOOD)

    def write_and_grow(*facts: object) -> None:
        write_load_file(*facts)  # type: ignore[arg-type]
        path.write_text(GOOD + "3,z\n")

    with monkeypatch.context() as patched:
        patched.setattr("pipeline.extract.intake.write_load_file", write_and_grow)
        result = place.land()
    assert result.deliveries == []
    assert result.notes == ["orders.csv: written to while it was read, left for the next run"]
    assert landed(place.landing, "shop", "orders") == []
    assert place.land().deliveries[0].rows == 3


def test_half_a_file_that_grows_meanwhile_is_no_bad_file(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    path = place.put("orders.csv", "a,b\n")

    def grow_and_read(*_: object, **__: object) -> None:
        path.write_text(GOOD)
        raise RefusedDelivery("the file has a header and no rows", where="orders.csv")

    monkeypatch.setattr("pipeline.extract.intake.open_export", grow_and_read)
    result = place.land()
    assert (result.refused, len(result.notes)) == ([], 1)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), duckdb.IOException("IO Error: no space")])
def test_a_landing_folder_that_cannot_be_written_is_no_fault_of_the_file(
    place: Place, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    place.put("orders.csv", GOOD)

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("pipeline.extract.intake.write_load_file", fail)
    with pytest.raises(UserError, match="the landing folder cannot be written"):
        place.land()
    assert list((place.landing / "shop" / "orders").iterdir()) == []


def test_what_a_killed_run_left_is_removed_and_landed_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.put("orders.csv", GOOD)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", _killed)
        patched.setattr("pipeline.extract.landing.shutil.rmtree", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            place.land()
    unfinished = list((place.landing / "shop" / "orders").iterdir())
    assert unfinished
    assert landed(place.landing, "shop", "orders") == []
    (delivery,) = place.land().new
    assert not any(one.exists() for one in unfinished)
    assert delivery.rows == 2


def test_a_damaged_delivery_is_named_with_what_to_do(place: Place) -> None:
    place.put("orders.csv", GOOD)
    (delivery,) = place.land().deliveries
    (delivery.folder / "load.json").write_text("{")
    with pytest.raises(UserError, match="a landed delivery is damaged") as caught:
        place.land()
    assert str(delivery.folder) in caught.value.action


def test_an_export_that_never_landed_has_no_deliveries(tmp_path: Path) -> None:
    assert landed(tmp_path, "shop", "orders") == []


def test_the_callers_transaction_is_left_alone(place: Place) -> None:
    """The fast reader's failure must not spoil a transaction of the caller's."""
    place.put("orders.csv", GOOD + "3\n")
    place.connection.begin()
    place.connection.execute("create table kept (a integer)")
    place.land()
    place.connection.commit()
    assert place.connection.execute("from kept").fetchall() == []


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
