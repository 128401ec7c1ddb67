"""What is found lands once it is whole, keeps what its finder knows of it, and leaves out what is to be dropped."""

from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.extract import landed
from pipeline.extract.files import marker_of
from tests.unit.extract.places import LANDED_AT, Place, facts

GOOD = "a,b\n1,x\n"

# (marker, its name for may/orders.csv.gz)
MARKERS = [
    ("{file}.done", "may/orders.csv.gz.done"),
    ("_SUCCESS", "may/_SUCCESS"),
    ("{stem}.ok", "may/orders.csv.ok"),
    ("done_{stem}_{file}", "may/done_orders.csv_orders.csv.gz"),
]


@pytest.mark.parametrize(("marker", "name"), MARKERS)
def test_a_marker_stands_beside_its_file(marker: str, name: str) -> None:
    assert marker_of(marker, "may/orders.csv.gz") == name


def test_a_file_without_its_marker_is_left_for_the_next_run(place: Place) -> None:
    place.put("1.csv", GOOD)
    place.put("1.csv.done", "")
    place.put("2.csv", "a,b\n2,y\n")
    place.put("gone.csv.done", "")
    result = place.land(done_marker="{file}.done")
    assert [one.file for one in result.deliveries] == ["1.csv"]
    assert result.refused == []
    assert result.notes == [
        "2.csv: waits for 2.csv.done, left for the next run",
        "gone.csv.done: waits for gone.csv.done.done, left for the next run",
    ]
    place.put("2.csv.done", "")
    assert [one.file for one in place.land(done_marker="{file}.done").new] == ["2.csv"]


def test_one_marker_may_hold_for_a_folder_and_is_never_a_delivery(place: Place) -> None:
    place.put("may/1.csv", GOOD)
    place.put("may/_SUCCESS", "")
    place.put("june/1.csv", "a,b\n2,y\n")
    result = place.land(files="*/*", done_marker="_SUCCESS")
    assert [one.file for one in result.deliveries] == ["may/1.csv"]
    assert result.notes == ["june/1.csv: waits for june/_SUCCESS, left for the next run"]


def test_a_marker_alone_is_no_file(place: Place) -> None:
    place.put("_SUCCESS", "")
    assert place.land(files="*", done_marker="_SUCCESS").refused[0].error.what == "no file matches"


def test_a_clock_that_is_ahead_keeps_no_file_waiting(place: Place) -> None:
    place.put("1.csv", GOOD)
    assert place.land(landed_at=LANDED_AT - timedelta(days=36_500), stable_seconds=60).new


def test_what_the_finder_knows_comes_back(place: Place) -> None:
    found = place.found(place.put("1.csv", GOOD), state={"etag": "abc", "from": "2024-01-01"})
    (delivery,) = place.land_found([found]).new
    assert delivery.state == {"etag": "abc", "from": "2024-01-01"}
    assert landed(place.landing, "shop", "orders") == [delivery]


def test_two_windows_of_the_same_bytes_are_two_deliveries(place: Place) -> None:
    path = place.put("1.csv", GOOD)
    found = [place.found(path, identity=window, state={"window": window}) for window in ("may", "june")]
    result = place.land_found(found)
    assert [one.state["window"] for one in result.new] == ["may", "june"]
    assert place.land_found(found).deliveries == result.deliveries


def test_deliveries_whose_file_is_not_found_again_stay_only_where_that_is_said(place: Place) -> None:
    one, two = (place.found(place.put(f"{name}.csv", f"a,b\n{name},x\n")) for name in "12")
    (first,) = place.land_found([one]).new
    kept = place.land_found([two], keeps_known=True, landed_at=LANDED_AT + timedelta(days=1))
    assert (kept.deliveries, len(kept.new)) == ([first, *kept.new], 1)
    assert place.land_found([one], keeps_known=True).deliveries == kept.deliveries
    assert place.land_found([one]).deliveries == [first]
    assert place.land_found([], keeps_known=True).deliveries == kept.deliveries


def test_another_reading_takes_the_place_of_the_one_before(place: Place) -> None:
    found = place.found(place.put("1.csv", "a;b\n1;x\n2;y\n"))
    place.land_found([found])
    result = place.land_found([found], {"skip": 1}, keeps_known=True, mapped='"1"')
    assert result.deliveries == result.new
    assert len(landed(place.landing, "shop", "orders")) == 2


def test_dropped_columns_never_land(place: Place) -> None:
    place.put("1.csv", "a,Email,b\n1,me@example.org,x\n2,you@example.org\n")
    result = place.land(drop=["email", "phone"], dropped=frozenset({"B"}))
    (delivery,) = result.deliveries
    assert (delivery.columns, delivery.dropped) == (("a",), ("Email", "b"))
    assert place.rows(result) == [("1", 1)]
    assert place.rows(result, "rejects.parquet")[0][2] == "(not kept, as columns of this export are dropped)"
    assert result.notes == ["1.csv: has no column phone to drop"]
    assert not _holds(delivery.folder, b"example.org")


def test_what_is_dropped_is_no_change_of_columns(place: Place) -> None:
    place.put("1.csv", "a,b,c\n1,x,y\n")
    place.land()
    place.put("2.csv", "a,b,c\n2,x,y\n")
    assert place.land(drop=["c"], schema="freeze").refused == []
    place.put("3.csv", "a,b,c\n3,x,y\n")
    result = place.land(schema="freeze")
    assert (result.refused, result.changes, result.new[0].columns) == ([], [], ("a", "b", "c"))


def test_a_file_of_dropped_columns_alone_is_refused(place: Place) -> None:
    place.put("1.csv", GOOD)
    assert place.land(drop=["a", "b"]).refused[0].error.what == "every column of the file is dropped"


def test_margins_are_facts_of_the_delivery_and_not_of_its_identity(place: Place) -> None:
    place.put("1.csv", "of May\n" + GOOD)
    (delivery,) = place.land({"skip": 1}).deliveries
    assert facts(delivery)["margin"] == ["of May"]
    assert landed(place.landing, "shop", "orders") == [delivery]


def _holds(folder: Path, text: bytes) -> bool:
    return any(text in path.read_bytes() for path in folder.iterdir())
