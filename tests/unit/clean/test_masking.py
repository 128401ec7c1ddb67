"""A quarantined row is shown as delivered, but for the cells personal columns are made from."""

import pytest

from pipeline.clean.judge import MASK
from pipeline.clean.records import UNREADABLE
from pipeline.contracts import Contracts
from pipeline.operate.quarantine import masked_cells
from pipeline.warehouse import memory_database
from tests.deliveries import make_feed

ROW = {"Id": "7", "Full Name": "Somebody", "E-Mail": "some@example.com", "order": "x", "Team": "A"}


@pytest.mark.parametrize(
    ("mapping", "hidden"),
    [
        ({"name": '"Full Name"'}, {"Full Name"}),
        ({"name": "Full Name"}, {"Full Name"}),
        ({"name": '"full name"'}, {"Full Name"}),
        ({"name": "order"}, {"order"}),
        ({"email": 'lower(trim("E-Mail"))'}, {"E-Mail"}),
        ({"name": '"Full Name" || \' \' || "Id"', "email": '"E-Mail"'}, {"Full Name", "Id", "E-Mail"}),
        ({"team": '"Team"'}, set()),
    ],
)
def test_cells_of_personal_columns_are_hidden(contracts: Contracts, mapping: dict[str, str], hidden: set[str]) -> None:
    feed = make_feed("crm.owners", mapping)
    with memory_database() as connection:
        shown = masked_cells(connection, contracts["crm.owners"], [feed], "required:owner_id", ROW)
    assert {name for name, value in shown.items() if value == MASK} == hidden
    assert {name: value for name, value in shown.items() if name not in hidden} == {
        name: value for name, value in ROW.items() if name not in hidden
    }


def test_an_unreadable_line_of_an_entity_with_personal_data_is_hidden_whole(contracts: Contracts) -> None:
    feed, cells = make_feed("crm.owners", {"name": "name"}), {"line": "9", "raw": "7;Somebody;some@example.com"}
    with memory_database() as connection:
        assert masked_cells(connection, contracts["crm.owners"], [feed], UNREADABLE, cells) == {
            "line": "9",
            "raw": MASK,
        }
        orders = masked_cells(connection, contracts["finance.orders"], [feed], UNREADABLE, cells)
    assert orders == cells
