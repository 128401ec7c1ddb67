"""A column that is called otherwise at times lands under the name that is mapped, and the change is told."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.extract.places import Place, facts
from tests.unit.extract.workbooks import book

ROWS = [("1", "x", 1), ("2", "y", 2)]
RENAME = {"rename": {"Nummer": "a", "Number": "a"}}
# name: (file, content, read options beside the names)
FILES: dict[str, tuple[str, str | bytes, dict[str, Any]]] = {
    "csv": ("orders.csv", "Nummer,b\n1,x\n2,y\n", {}),
    "csv in other case": ("orders.csv", "number,b\n1,x\n2,y\n", {}),
    "below a preamble": ("orders.csv", "of a\nNummer,b\n1,x\n2,y\n", {"header": ["a", "b"]}),
    "sheet below a preamble": ("orders.xlsx", book(["of"], ["Nummer", "b"], ["1", "x"], ["2", "y"]), {"header": ["a"]}),
    "json": ("orders.json", '[{"Nummer": "1", "b": "x"}, {"Nummer": "2", "b": "y"}]', {}),
}


@pytest.mark.parametrize(("file", "content", "read"), FILES.values(), ids=FILES)
def test_a_column_lands_under_the_name_that_is_mapped(
    place: Place, file: str, content: str | bytes, read: dict[str, Any]
) -> None:
    place.put(file, content)
    result = place.land(RENAME | read, files=file)
    assert [str(one.error) for one in result.refused] == []
    (delivery,) = result.deliveries
    assert (delivery.columns, place.rows(result)) == (("a", "b"), ROWS)
    (old,) = facts(delivery)["read"]["renamed"]
    assert result.notes == [f"{file}: column {old} is read as a (read.rename)"]
    assert {path.name for path in Path(delivery.folder).iterdir()} == {"rows.parquet", "load.json"}


def test_parquet(place: Place) -> None:
    path = place.put("orders.parquet", "")
    place.connection.execute(
        f"copy (from (values ('1', 'x'), ('2', 'y')) as t(Number, b)) to '{path}' (format parquet)"
    )
    result = place.land(RENAME, files="*.parquet")
    assert (result.deliveries[0].columns, place.rows(result)) == (("a", "b"), ROWS)


def test_a_file_that_calls_it_as_mapped_is_read_as_ever(place: Place) -> None:
    place.put("orders.csv", "a,b\n1,x\n2,y\n")
    result = place.land(RENAME)
    assert (place.rows(result), result.notes) == (ROWS, [])


def test_both_names_in_one_file_are_refused(place: Place) -> None:
    place.put("orders.csv", "a,Nummer\n1,x\n")
    (refused,) = place.land(RENAME).refused
    assert (refused.error.what, refused.error.found) == ("the header has a name twice", "a")


@pytest.mark.parametrize("mode", ["evolve", "freeze", "discard"])
def test_a_change_of_name_is_told_and_accepted_and_other_changes_are_judged_as_ever(place: Place, mode: str) -> None:
    place.put("1.csv", "a,b\n1,x\n")
    place.put("2.csv", "Nummer,b\n2,y\n")
    place.put("3.csv", "Nummer,b\n3,z\n")
    result = place.land(RENAME, schema=mode)
    assert [(one.file, one.kind, one.column, one.detail) for one in result.changes] == [
        ("2.csv", "renamed", "a", "column a is called Nummer now, which read.rename knows")
    ]
    assert [one.columns for one in result.new] == [("a", "b")] * 3
    place.put("4.csv", "a,b,c\n4,z,1\n")
    again = place.land(RENAME, schema=mode)
    assert [(one.kind, one.column) for one in again.changes] == [("renamed", "a"), ("new", "c")]
    assert len(again.refused) == int(mode == "freeze")


def test_a_column_may_be_dropped_under_the_name_that_is_mapped(place: Place) -> None:
    place.put("orders.csv", "Nummer,b\n1,x\n2,y\n")
    (delivery,) = place.land(RENAME, drop=["a"]).deliveries
    assert (delivery.columns, delivery.dropped) == (("b",), ("a",))
