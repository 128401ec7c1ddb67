"""What becomes of the cells of a forgotten person's row."""

import pytest

from pipeline.privacy.cells import PersonColumn, Reading, erased, taken_out

TOKEN = "forgotten-0a1b"


def person(column: str, *reads: str, is_id: bool = False, is_needed: bool = False) -> PersonColumn:
    return PersonColumn(column, " || ".join(reads), frozenset(reads), is_id, is_needed)


def reading(*columns: PersonColumn, shared: tuple[str, ...] = ()) -> Reading:
    return Reading("shop", columns, None, frozenset(shared))


def test_an_id_that_matched_becomes_the_stand_in_and_what_is_personal_goes() -> None:
    people = reading(person("customer_id", "cust", is_id=True), person("name", "name"))
    new = erased(people, {"cust": "17", "name": "Some Body"}, ["17", "Some Body"], [TOKEN, None])
    assert new == {"cust": TOKEN, "name": None}


def test_another_id_of_the_row_stays_and_a_needed_value_has_a_stand_in() -> None:
    people = reading(person("customer_id", "cust", is_id=True), person("mail", "mail", is_needed=True))
    new = erased(people, {"cust": "17", "mail": "a@b.org"}, ["17", "a@b.org"], [None, TOKEN])
    assert new == {"cust": "17", "mail": TOKEN}


def test_a_cell_made_use_of_otherwise_keeps_all_but_the_person() -> None:
    people = reading(person("name", "who"), shared=("who",))
    cells = {"who": '{"name": "Zoë", "town": "Zoë-Stadt", "n": 3}'}
    assert erased(people, cells, ["Zoë"], [TOKEN]) == {"who": '{"name": null, "town": "-Stadt", "n": 3}'}


def test_the_stand_in_of_an_id_is_not_emptied_by_what_reads_the_same_cell() -> None:
    people = reading(person("mail", "mail"), person("lead_id", "mail", is_id=True))
    assert erased(people, {"mail": "a@b.org"}, ["a@b.org", "a@b.org"], [None, TOKEN]) == {"mail": TOKEN}


@pytest.mark.parametrize(
    ("cell", "value", "left"),
    [
        ("a@b.org", "A@B.org ", None),
        ("mail a@b.org now", "a@b.org", "mail  now"),
        ("Alabama", "Al", "Alabama"),
        ('["x", {"id": 17}]', "17", '["x", {"id": null}]'),
        ('{"id": 170}', "17", '{"id": 170}'),
        ("{not json 17", "17", "{not json "),
        ("anything", "", "anything"),
        ("anything", None, "anything"),
    ],
)
def test_only_whole_values_are_taken_out(cell: str, value: str | None, left: str | None) -> None:
    assert taken_out(cell, value, None) == left
