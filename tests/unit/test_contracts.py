"""The grammar of contracts: what one may say, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.contracts import PROVENANCE, SQL_TYPES, Contract, Contracts, clean_table_ddl, load_contracts
from pipeline.errors import ConfigurationError

GOOD: dict[str, Any] = {
    "entity": "zoo.animals",
    "row": "One row per animal.",
    "key": ["animal_id"],
    "columns": {
        "animal_id": {"type": "text", "required": True, "description": "Its id."},
        "weight": {"type": "number", "description": "Its weight in kg."},
        "price": {"type": "money", "description": "What it cost."},
        "keeper": {"type": "text", "personal": "keep", "description": "Who keeps it."},
    },
}
RULE = {"severity": "critical", "on_failure": "quarantine", "reason": "no animal weighs nothing"}


def write(folder: Path, contract: dict[str, Any], name: str = "zoo/animals.yml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(contract, sort_keys=False))
    return folder


def test_a_contract_knows_its_table_money_and_personal_columns(tmp_path: Path) -> None:
    contract = load_contracts(write(tmp_path, GOOD))["zoo.animals"]
    assert (contract.domain, contract.name, contract.table) == ("zoo", "animals", "zoo__animals")
    assert contract.money_columns == ["price"]
    assert contract.personal_columns == {"keeper"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"row": "Animals."}, "row"),
        ({"key": []}, "key"),
        ({"key": ["name"]}, "key names name, which is not among the columns"),
        ({"version": "changed_at"}, "version names changed_at"),
        ({"dated_by": "born"}, "dated_by names born"),
        ({"entity": "Zoo.Animals"}, "entity"),
        ({"colour": "grey"}, "this key is not known"),
        ({"max_quarantined": 2}, "max_quarantined"),
        ({"corrections": [{"column": "gone", "case": "lower", "reason": "why"}]}, "corrections names gone"),
        (
            {"corrections": [{"column": "keeper", "case": "lower", "fill": "x", "reason": "why"}]},
            "a correction says exactly one of case, replace, scale, swap, clear, derive, fill",
        ),
        ({"corrections": [{"column": "keeper", "reason": "why"}]}, "a correction says exactly one of"),
        ({"expectations": [{"expect_x": {"column": "gone"}, **RULE}]}, "expectations names gone"),
        ({"expectations": [{"expect_x": {}, "expect_y": {}, **RULE}]}, "a rule is one expectation"),
        ({"expectations": [RULE]}, "a rule is one expectation"),
        ({"expectations": [{"expect_x": {}, "severity": "critical"}]}, "on_failure: this key is missing"),
        ({"expectations": [{"expect_x": {"column": "weight"}, **RULE}] * 2}, "stands twice"),
    ],
)
def test_what_a_contract_may_not_say(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_contracts(write(tmp_path, GOOD | change))
    assert message in str(caught.value)
    assert "zoo/animals.yml, line" in str(caught.value)


def test_a_contract_is_named_as_its_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"zoo/beasts\.yml: the entity is not named as its file"):
        load_contracts(write(tmp_path, GOOD, "zoo/beasts.yml"))


def test_mistakes_of_all_contracts_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD | {"key": []})
    write(tmp_path, GOOD | {"entity": "zoo.cages", "row": "Cages."}, "zoo/cages.yml")
    with pytest.raises(ConfigurationError) as caught:
        load_contracts(tmp_path)
    assert [one.where.split(",")[0] for one in caught.value.mistakes] == ["zoo/animals.yml", "zoo/cages.yml"]


def test_rules_on_one_column_that_differ_in_arguments_have_names_of_their_own() -> None:
    rules = [{"expect_x": {"column": "weight", "min_value": limit}, **RULE} for limit in (1, 2)]
    contract = Contract.model_validate(GOOD | {"expectations": rules})
    first, second = contract.expectations
    assert first.rule != second.rule
    assert first.rule.startswith("expect_x:weight:")


def test_a_rules_name_does_not_depend_on_the_order_of_its_arguments() -> None:
    arguments = [{"column": "weight", "min_value": 1}, {"min_value": 1, "column": "weight"}]
    names = {
        Contract.model_validate(GOOD | {"expectations": [{"expect_x": one, **RULE}]}).expectations[0].rule
        for one in arguments
    }
    assert len(names) == 1


def test_the_clean_table_has_the_columns_in_order_and_then_where_they_come_from() -> None:
    assert clean_table_ddl(Contract.model_validate(GOOD)) == (
        'create table if not exists clean."zoo__animals" ("animal_id" VARCHAR, "weight" DOUBLE,'
        ' "price" DECIMAL(18,4), "keeper" VARCHAR, '
        + ", ".join(f'"{name}" {sql_type}' for name, sql_type in PROVENANCE.items())
        + ")"
    )


def test_every_type_a_column_may_have_is_a_type_of_sql() -> None:
    for column_type in SQL_TYPES:
        columns = {"animal_id": {"type": column_type, "description": "Any type."}}
        assert Contract.model_validate(GOOD | {"columns": columns}).columns["animal_id"].type == column_type


def test_money_has_a_currency_beside_it(contracts: Contracts) -> None:
    """Planning's costs are in the company's own currency: the sheet has no column for one."""
    without = [one.entity for one in contracts.values() if one.money_columns and "currency" not in one.columns]
    assert without == ["planning.actions"]
