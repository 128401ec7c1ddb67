"""What a changed header does under evolve, freeze and discard; the difference is always named."""

from datetime import timedelta

import pytest

from pipeline.extract import LandingResult
from tests.unit.extract.places import LANDED_AT, Place

BEFORE = "a,b,c\n1,2,3\n"

# name: (the next file's header, the difference as it is told)
CHANGES = {
    "new": ("a,b,c,d", "new columns: d"),
    "missing": ("a,b", "missing columns: c"),
    "renamed": ("a,x,c", "column b seems renamed to x (position 2)"),
    "new and missing": ("a,d,e,c", "new columns: d, e; missing columns: b"),
    "other case": ("a,B,c", "column b seems renamed to B (position 2)"),
}


@pytest.mark.parametrize(("header", "difference"), CHANGES.values(), ids=CHANGES)
def test_evolve_lands_the_file_as_it_is_and_notes_the_difference(place: Place, header: str, difference: str) -> None:
    result = _land_after_before(place, header, "evolve")
    assert result.new[0].columns == tuple(header.split(","))
    assert result.notes == [f"2.csv: {difference}"]


@pytest.mark.parametrize(("header", "difference"), CHANGES.values(), ids=CHANGES)
def test_freeze_refuses_the_file_and_names_the_difference(place: Place, header: str, difference: str) -> None:
    result = _land_after_before(place, header, "freeze")
    assert [one.file for one in result.deliveries] == ["1.csv"]
    assert [(one.error.what, one.error.found, one.error.expected) for one in result.refused] == [
        ("the columns differ from the last delivery's", difference, "a, b, c")
    ]


@pytest.mark.parametrize(("header", "difference"), CHANGES.values(), ids=CHANGES)
def test_discard_lands_known_columns_alone_and_names_the_others(place: Place, header: str, difference: str) -> None:
    result = _land_after_before(place, header, "discard")
    kept = tuple(name for name in header.split(",") if name in {"a", "b", "c"})
    assert result.new[0].columns == kept
    rows = place.connection.execute("from read_parquet(?)", [str(result.new[0].folder / "rows.parquet")]).fetchall()
    assert rows == [(*kept, 1)]
    assert result.notes == [f"2.csv: {difference}; new columns are not landed"]


@pytest.mark.parametrize("mode", ["evolve", "freeze", "discard"])
def test_another_order_of_columns_is_no_difference(place: Place, mode: str) -> None:
    place.put("1.csv", BEFORE)
    place.put("2.csv", "c,a,b\n3,1,2\n")
    result = place.land(schema=mode)
    assert (len(result.new), result.notes, result.refused) == (2, [], [])


def test_the_measure_is_the_delivery_landed_last_whatever_its_name(place: Place) -> None:
    place.put("9.csv", BEFORE)
    place.land()
    place.put("5.csv", "a,b,c,d\n1,2,3,4\n")
    place.land(landed_at=LANDED_AT + timedelta(days=1))
    place.put("7.csv", "d,a,b,c\n4,1,2,3\n")
    assert place.land(schema="freeze").refused == []


def test_discard_refuses_a_file_without_any_known_column(place: Place) -> None:
    place.put("1.csv", BEFORE)
    place.put("2.csv", "x,y\n1,2\n")
    result = place.land(schema="discard", mapped="coalesce(a, x)")
    assert result.refused[0].error.what == "no column of the last delivery is left"


def test_columns_that_another_way_of_reading_made_are_no_measure(place: Place) -> None:
    place.put("1.csv", "a,b\nc,d\n1,2\n")
    place.land()
    result = place.land({"skip": 1}, schema="freeze", mapped="c")
    assert (result.refused, result.new[0].columns) == ([], ("c", "d"))


def _land_after_before(place: Place, header: str, mode: str) -> LandingResult:
    """A second file whose one row repeats its header, after a first one that has landed."""
    place.put("1.csv", BEFORE)
    place.land()
    place.put("2.csv", f"{header}\n{header}\n")
    return place.land(schema=mode)
