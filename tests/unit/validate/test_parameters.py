"""{$PARAMETER: name} in a rule's arguments."""

from typing import Any

import pytest

from pipeline.errors import UserError
from pipeline.validate.parameters import fill

GIVEN = {"kpi_ids": ["orders", "net_revenue"], "none": []}


@pytest.mark.parametrize(
    ("said", "filled"),
    [
        ({"value_set": {"$PARAMETER": "kpi_ids"}}, {"value_set": ["orders", "net_revenue"]}),
        ({"value_set": {"$PARAMETER": "none"}}, {"value_set": []}),
        ({"deep": [{"$PARAMETER": "kpi_ids"}, 1]}, {"deep": [["orders", "net_revenue"], 1]}),
        ({"min_value": 0, "column": "a"}, {"min_value": 0, "column": "a"}),
    ],
)
def test_parameters_are_filled_in(said: Any, filled: Any) -> None:
    assert fill(said, GIVEN, "x.y, rule z") == filled


def test_filling_leaves_the_parameters_alone() -> None:
    fill({"$PARAMETER": "kpi_ids"}, GIVEN, "x").append("more")
    assert GIVEN["kpi_ids"] == ["orders", "net_revenue"]


def test_a_parameter_nobody_gives_names_contract_and_rule() -> None:
    with pytest.raises(UserError) as raised:
        fill({"value_set": {"$PARAMETER": "kpi_id"}}, GIVEN, "planning.targets, rule in_set")
    assert str(raised.value) == (
        "planning.targets, rule in_set: the rule names a parameter that nobody gives; found kpi_id; "
        "expected kpi_ids, none; to do: correct its name in the contract"
    )
