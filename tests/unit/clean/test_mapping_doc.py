"""docs/mapping.md is true: every expression in it gives what it says, every connector in it can be read."""

import re

import duckdb
import pytest
import yaml

from pipeline.clean.mapping import check_columns, columns_read, expression_mistakes
from pipeline.connector import Export
from pipeline.contracts import Contracts
from pipeline.settings import REPOSITORY
from pipeline.warehouse import memory_database
from tests.deliveries import make_feed

TEXT = (REPOSITORY / "docs" / "mapping.md").read_text(encoding="utf-8")
EXAMPLES = [
    tuple(part.strip() for part in line.rsplit("-- ", 1))
    for block in re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL)
    for line in block.splitlines()
]
CONNECTORS = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return memory_database()


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 30
    assert len(CONNECTORS) == 3


@pytest.mark.parametrize(("sql", "expected"), EXAMPLES)
def test_an_expression_gives_what_the_page_says(connection: duckdb.DuckDBPyConnection, sql: str, expected: str) -> None:
    row = connection.execute(f"select coalesce(cast(({sql}) as varchar), 'NULL')").fetchone()
    assert row == (expected,)
    assert expression_mistakes(connection, make_feed("finance.orders", {"order_id": sql})) == []


@pytest.mark.parametrize("said", CONNECTORS)
def test_a_connector_of_the_page_fits_its_entity(
    connection: duckdb.DuckDBPyConnection, contracts: Contracts, said: dict[str, object]
) -> None:
    for entity, mapping in Export.model_validate(said).entities.items():
        assert set(mapping.columns) <= set(contracts[entity].columns)
        feed = make_feed(entity, mapping.columns, each=mapping.each, where=mapping.where, distinct=mapping.distinct)
        assert expression_mistakes(connection, feed) == []
        columns = {name for sql in mapping.expressions.values() for name in columns_read(connection, sql)} - {"each"}
        check_columns(connection, "", tuple(sorted(columns)), feed, "file")
