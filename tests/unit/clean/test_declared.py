"""A declared correction that cannot be right is refused with its contract, before any delivery."""

from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.contracts import Contract
from pipeline.validate import lint_contract

TYPES = {"bill_id": "text", "issued": "date", "due": "date", "paid_at": "timestamp", "amount": "money"}


def contract(correction: dict[str, Any]) -> Contract:
    columns = {name: {"type": type_, "description": "A column."} for name, type_ in TYPES.items()}
    said = {"entity": "books.bills", "row": "One row per bill.", "key": ["bill_id"], "columns": columns}
    return Contract.model_validate(said | {"corrections": [{"reason": "because"} | correction]})


@pytest.mark.parametrize(
    ("correction", "said"),
    [
        ({"column": "due", "scale": 10, "when": "true"}, "scale:due is for columns of numbers"),
        ({"column": "due", "swap": "paid_at", "when": "true"}, "swap:due is for two columns of one type"),
        ({"column": "due", "swap": "paid", "when": "true"}, "swap names paid"),
        ({"column": "due", "swap": "issued"}, "need a condition"),
        ({"column": "due", "clear": "true", "when": "true"}, "nothing else takes one"),
        ({"column": "amount", "scale": 0, "when": "true"}, "greater than 0"),
        ({"column": "amount", "case": "lower"}, "is for text columns"),
        ({"column": "amount", "scale": 10, "clear": "true", "when": "true"}, "exactly one of"),
    ],
)
def test_a_correction_that_does_not_fit_its_columns(correction: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        contract(correction)


@pytest.mark.parametrize(
    "correction",
    [
        {"column": "due", "clear": "due < isued"},
        {"column": "amount", "scale": 10, "when": "amount >"},
        {"column": "due", "derive": "paid_at + 'x'::nothing"},
    ],
)
def test_a_correction_whose_sql_cannot_be_worked_out(correction: dict[str, Any]) -> None:
    [mistake] = lint_contract(contract(correction))
    assert mistake.startswith(f"books.bills, correction {contract(correction).corrections[0].rule}: ")


def test_a_correction_that_can_be_worked_out_is_left_alone() -> None:
    assert lint_contract(contract({"column": "due", "swap": "issued", "when": "due < issued"})) == []
