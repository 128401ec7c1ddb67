"""Columns of an export that only dropped columns are made from are not landed."""

from functools import partial

import pytest

from pipeline.clean.mapping import columns_read
from pipeline.connector import Export
from pipeline.contracts import Contract
from pipeline.privacy.dropped import Dropped, never_landed, without_dropped
from pipeline.warehouse import memory_database
from tests.deliveries import make_feed

PEOPLE = Contract.model_validate({
    "entity": "club.people", "row": "One row per member.", "key": ["id"],
    "columns": {
        "id": {"type": "text", "description": "Id."},
        "born": {"type": "date", "personal": "drop", "description": "Birthday."},
        "phone": {"type": "text", "personal": "drop", "description": "Telephone."},
        "town": {"type": "text", "description": "Town."},
    },
})  # fmt: skip


def dropped(columns: dict[str, str], **export: object) -> Dropped:
    said = {"files": "*.csv", "entities": {"club.people": {"columns": columns, **export.pop("mapping", {})}}}  # type: ignore[dict-item]
    with memory_database() as connection:
        return never_landed(
            Export.model_validate(said | export), {"club.people": PEOPLE}, partial(columns_read, connection)
        )


@pytest.mark.parametrize(
    ("columns", "gone"),
    [
        ({"id": "no", "phone": "tel"}, {"tel"}),
        ({"id": "no", "phone": "Tel"}, {"tel"}),
        ({"id": "no", "phone": '"Tel. No"'}, {"tel. no"}),
        ({"id": "no", "phone": "Home Phone"}, {"home phone"}),
        ({"id": "no", "phone": "home-phone"}, {"home-phone", "home", "phone"}),
        ({"id": "no", "phone": "prefix || number", "born": "dob"}, {"prefix", "number", "dob"}),
        ({"id": "no", "phone": "no || tel"}, {"no || tel", "tel"}),
        ({"id": "no", "town": "place"}, set()),
    ],
)
def test_what_only_dropped_columns_read_is_not_landed(columns: dict[str, str], gone: set[str]) -> None:
    found = dropped(columns).columns
    assert {name for name in found if "|" not in name} == {name for name in gone if "|" not in name}


@pytest.mark.parametrize(
    "other",
    [
        {"mapping": {"where": "tel is not null"}},
        {"mapping": {"each": "tel"}},
        {"totals": [{"pattern": "([0-9]+)", "equals": "count(tel)"}]},
    ],
)
def test_what_something_else_reads_is_landed_and_said(other: dict[str, object]) -> None:
    found = dropped({"id": "no", "phone": "tel"}, **other)
    assert "tel" not in found.columns
    assert found.notes[0].startswith("club.people.phone is dropped, but tel is landed")


def test_a_dropped_column_is_mapped_to_nothing() -> None:
    feed = make_feed("club.people", {"id": "no", "phone": "tel"})
    assert without_dropped(feed, PEOPLE).mapping.columns == {"id": "no"}
