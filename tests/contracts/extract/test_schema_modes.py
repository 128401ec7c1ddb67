"""What a changed header does under evolve, freeze and discard; the difference is always named."""

from dataclasses import asdict
from datetime import timedelta

import pytest

from pipeline.extract import LandingResult
from tests.unit.extract.places import LANDED_AT, Place, facts

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


# (header, the changes as data)
TOLD = [
    ("a,b,c,d", [("new", "d", "new column d")]),
    ("a,b", [("missing", "c", "missing column c")]),
    ("a,x,c", [("renamed", "x", "column b seems renamed to x (position 2)")]),
    ("a,d,e,c", [("new", "d", "new column d"), ("new", "e", "new column e"), ("missing", "b", "missing column b")]),
    ("c,b,a", []),
]


@pytest.mark.parametrize("mode", ["evolve", "freeze", "discard"])
@pytest.mark.parametrize(("header", "changes"), TOLD, ids=[one[0] for one in TOLD])
def test_changes_are_told_as_data_whatever_the_mode_does(
    place: Place, header: str, changes: list[tuple[str, str, str]], mode: str
) -> None:
    result = _land_after_before(place, header, mode)
    assert [(one.kind, one.column, one.detail) for one in result.changes] == changes
    assert {one.file for one in result.changes} <= {"2.csv"}
    if result.new:
        assert {one.load_id for one in result.changes} <= {result.new[0].load_id}
        assert facts(result.new[0])["changes"] == [asdict(one) for one in result.changes]
    assert place.land(schema=mode).changes == (result.changes if mode == "freeze" else [])


# name: (cells before, cells now, how it is told)
RETYPED = {
    "numbers become texts": (
        ["1", "2", "3", "4", "5"],
        ["A1", "A2", "A3", "A4", "5", "A6"],
        "was number in 100% of 5 cells, is text in 83% of 6 cells and number in 17%",
    ),
    "dates change their form": (
        ["2024-01-01", "2024-01-02 10:00:00", "2024-01-03", "2024-01-04", "2024-01-05"],
        ["01.02.2024", "02.02.2024", "03.02.2024", "04.02.2024", "05.02.2024"],
        "was date in 100% of 5 cells, is text in 100% of 5 cells and date in 0%",
    ),
    "texts become numbers": (
        ["x"] * 5,
        ["1"] * 7,
        "was text in 100% of 5 cells, is number in 100% of 7 cells and text in 0%",
    ),
    "dates become numbers": (
        ["2024-01-01"] * 6,
        ["45292"] * 6,
        "was date in 100% of 6 cells, is number in 100% of 6 cells and date in 0%",
    ),
}
# name: (cells before, cells now)
NOT_RETYPED = {
    "whole numbers become fractions": (["1", "2", "3", "4", "5"], ["1.5", "2.5", "3", "4e2", "-5"]),
    "half of them": (["1"] * 6, ["1", "2", "3", "x", "y", "z"]),
    "a mixture stays one": (["1", "x", "2", "y", "3", "z"], ["x", "y", "z", "1", "2", "w"]),
    "too few to tell": (["1", "2", "3", "4"], ["x", "y", "z", "w"]),
    "emptied": (["1"] * 6, [""] * 6),
    "padded": (["1"] * 6, [" 1 "] * 6),
}


@pytest.mark.parametrize(("before", "now", "told"), RETYPED.values(), ids=RETYPED)
@pytest.mark.parametrize("mode", ["evolve", "discard"])
def test_a_retyped_column_is_told(place: Place, before: list[str], now: list[str], told: str, mode: str) -> None:
    result = _land_cells(place, before, now, mode)
    assert [(one.kind, one.column, one.detail) for one in result.changes] == [("retyped", "b", f"column b {told}")]
    assert len(result.new) == 1
    assert result.notes[0].startswith(f"2.csv: column b {told}")


@pytest.mark.parametrize(("before", "now", "told"), RETYPED.values(), ids=RETYPED)
def test_freeze_refuses_a_retyped_column(place: Place, before: list[str], now: list[str], told: str) -> None:
    result = _land_cells(place, before, now, "freeze")
    assert [one.error.found for one in result.refused] == [f"column b {told}"]
    assert [one.kind for one in result.changes] == ["retyped"]


@pytest.mark.parametrize(("before", "now"), NOT_RETYPED.values(), ids=NOT_RETYPED)
def test_what_varies_is_not_retyped(place: Place, before: list[str], now: list[str]) -> None:
    result = _land_cells(place, before, now, "freeze")
    assert (result.changes, result.refused, len(result.new)) == ([], [], 1)


def _land_cells(place: Place, before: list[str], now: list[str], mode: str) -> LandingResult:
    """A second file with these cells in column b, after a first one that has landed."""
    place.put("1.csv", "a,b\n" + "".join(f"x,{cell}\n" for cell in before))
    place.land()
    place.put("2.csv", "a,b\n" + "".join(f"y,{cell}\n" for cell in now))
    return place.land(schema=mode)


def _land_after_before(place: Place, header: str, mode: str) -> LandingResult:
    """A second file whose one row repeats its header, after a first one that has landed."""
    place.put("1.csv", BEFORE)
    place.land()
    place.put("2.csv", f"{header}\n{header}\n")
    return place.land(schema=mode)
