"""Parameters of a connector: a text in SQL, a column where they stand in double quotes, plain everywhere else."""

from typing import Any

import pytest

from pipeline.connector import Connector
from pipeline.parameters import parameter_mistakes, with_parameters

PARAMETERS = {"name": {"description": "Any text."}, "other": {"description": "Another one.", "default": "x"}}


def connector(**export: Any) -> Connector:
    mapping = {"where": export.pop("where", None), "columns": {"order_id": export.pop("sql", "id")}}
    exports = {"orders": {"files": "*.csv", "entities": {"finance.orders": mapping}} | export}
    return Connector.model_validate({"parameters": PARAMETERS, "exports": exports})


@pytest.mark.parametrize(
    ("sql", "value", "expected"),
    [
        ("${name}", "it's", "'it''s'"),
        ('"${name}"', "it's", '"it\'s"'),
        ('"${name}"', 'so-called "id"', '"so-called ""id"""'),
        ('coalesce("${name}", ${name}, "${other}")', "a b", 'coalesce("a b", \'a b\', "x")'),
        # What a value says is no parameter again
        ('"${name}"', "${other}", '"${other}"'),
        ("${name}", '"${other}"', "'\"${other}\"'"),
    ],
)
@pytest.mark.parametrize("place", ["sql", "where"])
def test_in_sql_a_parameter_is_a_text_or_in_double_quotes_a_column(
    sql: str, value: str, expected: str, place: str
) -> None:
    mapping = with_parameters(connector(**{place: sql}), {"name": value}).exports["orders"].entities["finance.orders"]
    assert mapping.expressions["order_id" if place == "sql" else "where"] == expected


def test_elsewhere_it_is_what_it_says_quotes_or_none() -> None:
    told = with_parameters(connector(files='${name}"${name}".csv'), {"name": "it's"})
    assert told.exports["orders"].files == "it's\"it's\".csv"


def test_a_column_of_a_parameter_nobody_declared_is_a_mistake() -> None:
    (mistake,) = parameter_mistakes(connector(sql='"${nmae}"'), {"name": "x"}, "sources.yml", "shop.yml")
    assert str(mistake) == "shop.yml: no such parameter; found ${nmae}; expected declared: name, other"
