"""What changed in the columns of deliveries is kept, by each schema mode, once, and told by a check."""

from pathlib import Path

import pytest

from pipeline.clean.schema_changes import record_schema_changes, schema_change_lines
from pipeline.extract import LandingResult
from tests.deliveries import AT, Loader
from tests.unit.extract.places import Place

KEPT = "select file, kind, column_name, schema_mode, is_accepted from ops.schema_changes order by all"
BEFORE = ("a,b,c", [f"{number},{number},x" for number in range(20)])
AFTER = {
    "new": ("a,b,c,d", [f"{number},{number},x,y" for number in range(20)], [("new", "d")]),
    "missing": ("a,b", [f"{number},{number}" for number in range(20)], [("missing", "c")]),
    "renamed": ("a,x,c", [f"{number},{number},x" for number in range(20)], [("renamed", "x")]),
    "retyped": ("a,b,c", [f"{number},none so far,x" for number in range(20)], [("retyped", "b")]),
}


@pytest.fixture
def place(tmp_path: Path, loader: Loader) -> Place:
    (tmp_path / "place").mkdir()
    return Place(tmp_path / "place", loader.warehouse.connection)


def put(place: Place, name: str, table: tuple[str, list[str]]) -> None:
    place.put(name, "\n".join([table[0], *table[1]]) + "\n")


def record(loader: Loader, result: LandingResult, mode: str) -> None:
    present = {one.load_id for one in result.deliveries}
    record_schema_changes(loader.warehouse, "shop", "orders", mode, result.changes, present, "run", AT)


@pytest.mark.parametrize("change", AFTER)
@pytest.mark.parametrize("mode", ["evolve", "freeze", "discard"])
def test_a_change_is_kept_with_what_the_mode_made_of_it(loader: Loader, place: Place, mode: str, change: str) -> None:
    header, rows, expected = AFTER[change]
    put(place, "1.csv", BEFORE)
    record(loader, place.land(schema=mode), mode)
    assert loader.rows(KEPT) == []
    put(place, "2.csv", (header, rows))
    result = place.land(schema=mode)
    record(loader, result, mode)
    assert loader.rows(KEPT) == [("2.csv", kind, column, mode, mode != "freeze") for kind, column in expected]
    assert bool(result.refused) is (mode == "freeze")
    (line,) = schema_change_lines(result.changes, mode)
    assert line.startswith(f"2.csv: column {expected[0][1]} is {change} (schema: {mode})")


def test_a_refused_file_tried_again_is_kept_once_and_accepted_once_the_mode_allows_it(
    loader: Loader, place: Place
) -> None:
    put(place, "1.csv", BEFORE)
    place.land(schema="freeze")
    put(place, "2.csv", AFTER["new"][:2])
    for _ in range(2):
        record(loader, place.land(schema="freeze"), "freeze")
    assert loader.rows(KEPT) == [("2.csv", "new", "d", "freeze", False)]
    record(loader, place.land(schema="evolve"), "evolve")
    assert loader.rows(KEPT) == [("2.csv", "new", "d", "evolve", True)]
    record(loader, place.land(schema="evolve"), "evolve")
    assert loader.rows(KEPT) == [("2.csv", "new", "d", "evolve", True)]
